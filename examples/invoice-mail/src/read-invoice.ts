/** Finds out whether a mail is an invoice, and reads it. Pure. */

export interface Invoice {
  number: string;
  /** With a point and two digits, for example `1234.56`. */
  amount: string;
  /** ISO 4217. */
  currency: string;
  /** ISO 8601 date; null if the mail names none. */
  dueDate: string | null;
}

export type Reading =
  | { kind: "invoice"; invoice: Invoice }
  | { kind: "other" }
  /** It says that it is an invoice, but lacks what one needs. */
  | { kind: "unreadable"; reason: string };

// What invoices call things, in the languages that arrive here; a language more is a word more.
const NUMBER_WORDS =
  "Rechnungsnummer|Rechnung Nr\\.?|Invoice number|Facture n°|請求書番号|发票号码|Fakturanummer|Номер счета";
const AMOUNT_WORDS =
  "Gesamtbetrag|Rechnungsbetrag|Amount due|Total amount|Montant total|Total TTC|合計金額|总金额|I alt|Итого";
const DUE_WORDS = "Fällig am|Zahlbar bis|Due date|Échéance|お支払期限|付款截止|Forfaldsdato|Срок оплаты";

const NUMBER = new RegExp(`(?:${NUMBER_WORDS})\\s*:?\\s*([A-Z0-9][A-Z0-9-]*)`, "iu");
const AMOUNT = new RegExp(`(?:${AMOUNT_WORDS})\\s*:?\\s*([^\\n]*\\d[^\\n]*)`, "iu");
const DUE = new RegExp(`(?:${DUE_WORDS})\\s*:?\\s*([\\d./-]+)`, "iu");

const CURRENCY_SIGNS: Readonly<Record<string, string>> = { "€": "EUR", $: "USD", "£": "GBP", "¥": "JPY" };

/** Reads the text of a mail. */
export function readInvoice(text: string): Reading {
  const [, number] = NUMBER.exec(text) ?? [];
  if (number === undefined) return { kind: "other" };
  const [, money = ""] = AMOUNT.exec(text) ?? [];
  const amount = readAmount(money);
  const currency = readCurrency(money);
  if (amount === null || currency === null) return { kind: "unreadable", reason: `invoice ${number} names no amount` };
  const [, due] = DUE.exec(text) ?? [];
  return { kind: "invoice", invoice: { number, amount, currency, dueDate: due === undefined ? null : readDate(due) } };
}

/** "1.234,56", "1,234.56", "1'234.50", "18 500,00" and "12,000" are all meant as people write them. */
export function readAmount(text: string): string | null {
  const [found] = /\d[\d.,'’\s]*/u.exec(text) ?? [];
  if (found === undefined) return null;
  const digits = found.replaceAll(/['’\s]/gu, "").replace(/[.,]$/, "");
  // A separator before exactly two last digits separates the cents; any other one groups.
  const [, whole = digits, cents = "00"] = /^(.*)[.,](\d{2})$/.exec(digits) ?? [];
  return `${whole.replaceAll(/[.,]/g, "")}.${cents}`;
}

function readCurrency(text: string): string | null {
  const [code] = /\b[A-Z]{3}\b/.exec(text) ?? [];
  if (code !== undefined) return code;
  const sign = Object.keys(CURRENCY_SIGNS).find((candidate) => text.includes(candidate));
  return sign === undefined ? null : (CURRENCY_SIGNS[sign] ?? null);
}

function readDate(text: string): string | null {
  const [, isoDate] = /^(\d{4}-\d{2}-\d{2})$/.exec(text) ?? [];
  if (isoDate !== undefined) return isoDate;
  const [, day, month, year] = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/.exec(text) ?? [];
  if (day === undefined || month === undefined || year === undefined) return null;
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}
