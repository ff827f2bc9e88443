/** The frame of every page: navigation, header, content. */
import "./shell.css";
import { ActionIcon, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2 } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { AccountMenu } from "./account-menu.tsx";
import { ColorSchemeSwitch } from "./color-scheme-switch.tsx";
import { LiveBadge } from "./live-badge.tsx";
import { NavigationList } from "./navigation-list.tsx";

export function Shell({ name, children }: { name: string; children: ReactNode }) {
  const [opened, drawer] = useDisclosure(false);
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <aside className="shell-side">
        <Brand />
        <NavigationList label="Main" />
      </aside>
      <header className="shell-header">
        <ActionIcon
          className="shell-burger"
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Open navigation"
          aria-expanded={opened}
          onClick={drawer.open}
        >
          <IconMenu2 size={20} aria-hidden />
        </ActionIcon>
        <div className="shell-header-brand">
          <Brand />
        </div>
        <div className="shell-header-tools">
          <LiveBadge />
          <ColorSchemeSwitch />
          <AccountMenu name={name} />
        </div>
      </header>
      <main id="content" className="shell-content" tabIndex={-1}>
        {children}
      </main>
      <Drawer
        opened={opened}
        onClose={drawer.close}
        size={272}
        title={<Brand />}
        closeButtonProps={{ "aria-label": "Close navigation" }}
      >
        <NavigationList label="Main" onFollow={drawer.close} />
      </Drawer>
    </div>
  );
}

function Brand() {
  return (
    <Link to="/" className="brand" activeProps={{ "aria-current": undefined }}>
      <img src="/favicon.svg" alt="" width={24} height={24} />
      <span>Millrace</span>
    </Link>
  );
}
