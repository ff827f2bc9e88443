/** Millrace's own look on top of Mantine: quiet greys and one accent, the deep teal of a mill stream. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const stream: MantineColorsTuple = [
  "#e8f5f8",
  "#d2eaf0",
  "#a4d5e1",
  "#73bfd1",
  "#4bacc2",
  "#2f9bb3",
  "#17859d",
  "#0b6e84",
  "#085b6e",
  "#054757",
];

const gray: MantineColorsTuple = [
  "#f8f9fa",
  "#f1f3f5",
  "#e5e8eb",
  "#d3d8dd",
  "#aab2bb",
  "#858e99",
  "#5f6873",
  "#474f59",
  "#31373e",
  "#1b1f24",
];

const dark: MantineColorsTuple = [
  "#e6e9ec",
  "#c8cdd3",
  "#9da6b0",
  "#8a939d",
  "#353c44",
  "#292f36",
  "#1d2227",
  "#14171b",
  "#0f1215",
  "#0a0c0e",
];

const systemFonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif';
const systemMonospace = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  primaryColor: "stream",
  primaryShade: { light: 7, dark: 7 },
  colors: { stream, gray, dark },
  autoContrast: true,
  fontFamily: systemFonts,
  fontFamilyMonospace: systemMonospace,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: {
    fontFamily: systemFonts,
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.4" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    // The page has one banner; the head of a dialog is none.
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        attributes: { header: { role: "presentation" } },
      },
    },
    Drawer: { defaultProps: { attributes: { header: { role: "presentation" } } } },
  },
});

/** Placeholders, dimmed text and faults of fields are too faint to read in Mantine's own colours. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-placeholder": "#5f6873",
    "--mantine-color-dimmed": "#5f6873",
    "--mantine-color-error": "#ab2626",
  },
  dark: {
    "--mantine-color-placeholder": "#9da6b0",
    "--mantine-color-dimmed": "#9da6b0",
    "--mantine-color-error": "#f39a93",
  },
});
