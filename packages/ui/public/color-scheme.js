// Sets the colour scheme before the first paint, so that a dark page never flashes white.
{
  let choice = null;
  try {
    choice = localStorage.getItem("mantine-color-scheme-value");
  } catch {
    // Storage may be blocked; then the system's scheme is used.
  }
  const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const dark = choice === "dark" || (choice !== "light" && systemIsDark);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
}
