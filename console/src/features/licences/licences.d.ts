/** What `licences.ts` of the build found. */
declare module "virtual:licences" {
  const found: import("../../../licences").Licences;
  export default found;
}
