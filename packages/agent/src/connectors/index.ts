/** The connectors that come with Millrace. */
export { files, type FilesOptions } from "./files.ts";
export { http, type HttpOptions, type HttpResult } from "./http.ts";
export { mail, type MailCursor, type MailFile, type MailMessage, type MailOptions } from "./mail.ts";
