/** How something stands, in a sentence, at the top of its page. */
import "./state-banner.css";
import type { ReactNode } from "react";
import type { Tone } from "../components/tones.ts";

export interface StateBannerProps {
  tone: Tone;
  title: string;
  children?: ReactNode;
}

export function StateBanner({ tone, title, children }: StateBannerProps) {
  return (
    <div className="state-banner" data-tone={tone} role="status">
      <p className="state-banner-title">{title}</p>
      {children === undefined ? null : <div className="state-banner-text">{children}</div>}
    </div>
  );
}
