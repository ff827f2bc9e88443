/** `/inputs/$input`: an input and its story. */
import { PageHeader } from "../components/page-header.tsx";

export function InputView() {
  return <PageHeader title="Input" />;
}
