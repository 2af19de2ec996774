/**
 * How everything on a screen is written: one at a time, at once or not at all, and the same command until it is answered
 * (`kept_commands`). `WriteProblem` says what became of it where it was not done.
 */
import { type UseMutationOptions, type UseMutationResult, useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { keepFocus } from "../design/focus_back";
import { tellLeft } from "./left";

export type Write<Answer, Said = void> = UseMutationResult<Answer, Error, Said>;

/**
 * A write of a screen. A second press before the first has ended is none, however the two come. What fails after its
 * screen was left is told by the frame. Done, it loses nobody the focus.
 */
export function useWrite<Answer, Said = void>(
  how: Omit<UseMutationOptions<Answer, Error, Said>, "mutationFn"> & {
    readonly send: (said: Said) => Promise<Answer>;
  },
): Write<Answer, Said> {
  const { send, onSettled, ...rest } = how;
  const isUnderWay = useRef(false);
  // Drawn before the next key is heard, which what `useMutation` tells is not: Escape would close a dialog over its write.
  const [isDrawn, draw] = useState(false);
  const isHere = useRef(true);
  const from = useRef<Element | null>(null);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const write = useMutation<Answer, Error, Said>({
    ...rest,
    mutationFn: async (said) => {
      const { title } = document;
      try {
        return await send(said);
      } catch (error) {
        if (!isHere.current) tellLeft({ from: title, error });
        throw error;
      }
    },
    onSettled: async (...came) => {
      try {
        await onSettled?.(...came);
      } finally {
        isUnderWay.current = false;
        draw(false);
        if (isHere.current || from.current?.isConnected === false) keepFocus(from.current);
      }
    },
  });
  const mutate: typeof write.mutate = (...said) => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    draw(true);
    from.current = document.activeElement;
    write.mutate(...said);
  };
  return { ...write, mutate, isPending: isDrawn || write.isPending } as Write<Answer, Said>;
}
