/** Light, dark, or as the system is. */
import { ActionIcon, type MantineColorScheme, Tooltip, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun, type TablerIcon } from "@tabler/icons-react";

const schemes: Record<MantineColorScheme, { label: string; icon: TablerIcon; next: MantineColorScheme }> = {
  auto: { label: "as the system", icon: IconDeviceDesktop, next: "light" },
  light: { label: "light", icon: IconSun, next: "dark" },
  dark: { label: "dark", icon: IconMoon, next: "auto" },
};

export function ColorSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { label, icon: Icon, next } = schemes[colorScheme];
  const description = `Colours: ${label}. Change to ${schemes[next].label}`;
  return (
    <Tooltip label={description}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={description} onClick={() => setColorScheme(next)}>
        <Icon size={18} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
