/** What the messages in `inbox` come to; tests hold the example against it. */
export const EXPECTED_INVOICES = [
  { file: "01-nordlicht-utf8.eml", number: "NL-2026-0341", amount: "1234.56", currency: "EUR", dueDate: "2026-11-16" },
  { file: "02-muller-latin1.eml", number: "4711", amount: "916.00", currency: "EUR", dueDate: "2026-11-30" },
  { file: "03-cafe-lumiere-cp1252.eml", number: "F2026-118", amount: "89.50", currency: "EUR", dueDate: "2026-11-17" },
  {
    file: "04-sakura-iso2022jp.eml",
    number: "INV-JP-0077",
    amount: "12000.00",
    currency: "JPY",
    dueDate: "2026-11-30",
  },
  { file: "05-jade-gb18030.eml", number: "CN-88231", amount: "3480.00", currency: "CNY", dueDate: "2026-12-04" },
  {
    file: "06-cloudworks-alternative.eml",
    number: "CW-100245",
    amount: "1234.56",
    currency: "USD",
    dueDate: "2026-11-18",
  },
  { file: "07-alpenbahn-pdf.eml", number: "AB-77-2026", amount: "1234.50", currency: "CHF", dueDate: "2026-12-05" },
  { file: "08-datenhaus-ubl.eml", number: "2026-00912", amount: "249.00", currency: "EUR", dueDate: "2026-11-19" },
  { file: "09-papeterie-html-only.eml", number: "PB-3021", amount: "56.20", currency: "EUR", dueDate: null },
  { file: "10-forwarded-rfc822.eml", number: "55-2026", amount: "780.00", currency: "GBP", dueDate: "2026-12-01" },
  { file: "11-oresund-utf16.eml", number: "90210", amount: "4875.00", currency: "DKK", dueDate: "2026-11-23" },
  { file: "12-volga-koi8r.eml", number: "V-15", amount: "18500.00", currency: "RUB", dueDate: "2026-11-20" },
] as const;

/** The same message as 06, delivered by another server. */
export const DUPLICATE_FILE = "13-cloudworks-delivered-again.eml";
/** No invoices. */
export const OTHER_FILES = ["14-newsletter.eml", "15-meeting-request.eml", "16-out-of-office.eml"] as const;
/** Malformed, and an invoice that names no amount. */
export const PROBLEM_FILES = ["17-malformed.eml", "18-invoice-without-amount.eml"] as const;
