/** The roles of the access policy, asked once for both who reads them and who asks by them. */
import { useQuery } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

export type Role = components["schemas"]["RoleValue"];

/** The roles of the policy in force. */
export function useRoles() {
  return useQuery({
    queryKey: ["roles"],
    queryFn: async ({ signal }) => (await given(client.GET("/v1/roles", { signal }))).items,
  });
}
