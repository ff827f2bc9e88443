/** `/outputs/$output`: an output: parameters, inputs, attempts, answers. */
import { PageHeader } from "../components/page-header.tsx";

export function OutputView() {
  return <PageHeader title="Output" />;
}
