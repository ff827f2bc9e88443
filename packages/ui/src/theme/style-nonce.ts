/** The nonce that the host's content security policy lets style elements in with. */

declare global {
  /** Where `get-nonce` looks, which the scroll lock of dialogs takes its nonce from. */
  var __webpack_nonce__: string | undefined;
}

/** Empty where the host sets no policy, as while developing. */
export const styleNonce: string = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

if (styleNonce !== "") globalThis.__webpack_nonce__ = styleNonce;
