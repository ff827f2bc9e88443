/** Gives the keyboard back its place when a dialog goes, also when the dialog came into being opened. */
import { useEffect, useState } from "react";

/** To be used by what is mounted while the dialog is open. The focus goes where it was, or to the page's content. */
export function useReturnedFocus(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () =>
      afterFrames(2, () => {
        // Somebody else may have found it a better place.
        if (document.activeElement !== document.body) return;
        const place =
          before?.isConnected === true && before !== document.body ? before : document.querySelector("#content");
        if (place instanceof HTMLElement) place.focus({ preventScroll: true });
      }),
    [before],
  );
}

/** In a frame the dialog leaves the page; in the next, whoever is nearer to what was done has had their turn. */
function afterFrames(frames: number, action: () => void): void {
  if (frames === 0) action();
  else requestAnimationFrame(() => afterFrames(frames - 1, action));
}
