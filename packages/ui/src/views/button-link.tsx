/** A link that looks like a button, for the way to a page where something is done. */
import { Button } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";

export type ButtonLinkProps = Pick<LinkProps, "to" | "params" | "search"> & { children: string };

export function ButtonLink({ children, ...link }: ButtonLinkProps) {
  return (
    <Button
      variant="default"
      // A link's own colour and line would win over those of a button.
      style={{ color: "var(--button-color)", textDecoration: "none" }}
      renderRoot={(props) => <Link {...link} {...props} />}
    >
      {children}
    </Button>
  );
}
