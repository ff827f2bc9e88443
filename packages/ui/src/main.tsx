/** Where the dashboard starts. */
import "@mantine/core/styles.layer.css";
import "./theme/theme.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./router.ts";
import { setOnSignedOut } from "./services/api.ts";
import { queryClient } from "./services/query-client.ts";
import { forgetSession } from "./services/session.ts";
import { styleNonce } from "./theme/style-nonce.ts";
import { cssVariables, theme } from "./theme/theme.ts";

const root = document.getElementById("root");
if (root === null) throw new Error('index.html has no element "root"');

setOnSignedOut(() => forgetSession(queryClient));

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
