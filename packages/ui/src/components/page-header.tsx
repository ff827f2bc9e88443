/** The head of a page: what it is about, and what can be done there. Names the browser's tab as well. */
import "./page-header.css";
import { type ReactNode, useEffect, useRef } from "react";
import { useFocusOnNavigation } from "../layout/focus-on-navigation.ts";

export interface PageHeaderProps {
  title: string;
  description?: ReactNode;
  /** Where the page belongs, for example a link to the list. */
  crumb?: ReactNode;
  /** Stands beside the title, for example a StatusBadge. */
  badge?: ReactNode;
  /** Buttons. */
  actions?: ReactNode;
}

export function PageHeader({ title, description, crumb, badge, actions }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusOnNavigation(heading);
  useEffect(() => {
    document.title = `${title} · Millrace`;
  }, [title]);
  return (
    <header className="page-header">
      <div className="page-header-text">
        {crumb === undefined ? null : <p className="page-header-crumb">{crumb}</p>}
        <div className="page-header-title">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {badge}
        </div>
        {description === undefined ? null : <p className="page-header-description">{description}</p>}
      </div>
      {actions === undefined ? null : <div className="page-header-actions">{actions}</div>}
    </header>
  );
}
