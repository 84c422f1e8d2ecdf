import { expect, test } from "vitest";
import { signature } from "./sigv4";

// What botocore signs for the same request, key and moment.
test("a request is signed as an AWS SDK signs it", async () => {
  const key = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "us-west-2" };
  const url = new URL("http://127.0.0.1:8080/gossamer/v1/session");
  const signed = await signature("POST", url, "", key, new Date("2026-01-31T09:30:00Z"));
  expect(signed["x-amz-date"]).toBe("20260131T093000Z");
  expect(signed.authorization).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/us-west-2/appmesh/aws4_request, " +
      "SignedHeaders=host;x-amz-date, " +
      "Signature=fe346b603219db544bef35e1b61d4054bc5406f648268c7963ec715c84171582",
  );
});
