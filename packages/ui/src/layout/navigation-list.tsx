/** The links of the navigation, the same at the side of a wide page and in the drawer of a narrow one. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { attentionCountQuery } from "../services/attention-count.ts";
import { NAVIGATION, type NavigationItem } from "./navigation.ts";

export function NavigationList({ label, onFollow }: { label: string; onFollow?: () => void }) {
  return (
    <nav aria-label={label} className="navigation">
      {NAVIGATION.map(({ title, items }) => (
        <div key={title ?? ""} className="navigation-group">
          {title === null ? null : <p className="navigation-title">{title}</p>}
          <ul>
            {items.map((item) => (
              <NavigationLink key={item.to} item={item} {...(onFollow === undefined ? {} : { onFollow })} />
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function NavigationLink({ item, onFollow }: { item: NavigationItem; onFollow?: () => void }) {
  const Icon = item.icon;
  return (
    <li>
      <Link
        to={item.to}
        activeOptions={{ exact: item.to === "/", includeSearch: false }}
        className={item.nested === true ? "navigation-link navigation-link-nested" : "navigation-link"}
        onClick={() => onFollow?.()}
      >
        <Icon size={18} stroke={1.7} aria-hidden />
        <span>{item.label}</span>
        {item.to === "/attention" ? <AttentionCount /> : null}
      </Link>
    </li>
  );
}

function AttentionCount() {
  const { data } = useQuery(attentionCountQuery);
  if (data === undefined || data.total === 0) return null;
  return (
    <span className="navigation-count numbers">
      {data.total > 999 ? "999+" : data.total}
      <span className="visually-hidden"> open</span>
    </span>
  );
}
