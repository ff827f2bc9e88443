/** The connectors that come with Millrace. */
export { files, type FilesOptions } from "./files.ts";
export {
  http,
  type HttpAuth,
  type HttpOptions,
  type HttpReconcileHelpers,
  type HttpRequest,
  type HttpResult,
  type Secret,
} from "./http.ts";
export { mail, type MailCursor, type MailFile, type MailMessage, type MailOptions } from "./mail.ts";
