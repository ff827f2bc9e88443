/** `/events/$event`: an event with its payload. */
import { PageHeader } from "../components/page-header.tsx";

export function EventView() {
  return <PageHeader title="Event" />;
}
