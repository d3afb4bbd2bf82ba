// The main job, as a TypeScript program that is checked against the types of the document.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

type Token = string;
type Answer<T> = { data?: T; error?: components["schemas"]["Problem"] };

const did = async <T>(answer: Promise<Answer<T>>): Promise<T> => {
  const { data, error } = await answer;
  if (data === undefined) throw new Error(error ? `${error.code}: ${error.detail}` : "no answer");
  return data;
};

export async function mainJob(baseUrl: string, tokens: Record<"admin" | "purchaser" | "quality" | "practitioner" | "auditor", Token>) {
  // Lists can be files, too: this client reads them as JSON.
  const as = (token: Token) => createClient<paths, "application/json" | "application/problem+json">({ baseUrl, headers: { authorization: `Bearer ${token}` } });
  const [admin, purchaser, quality] = [as(tokens.admin), as(tokens.purchaser), as(tokens.quality)];
  const [practitioner, auditor] = [as(tokens.practitioner), as(tokens.auditor)];
  const pack = "]d201095212345678991729123110HC24A^21SN0001";

  const site = await did(admin.POST("/v1/sites", { body: { name: "Harley Street", jurisdiction: "GB-ENG", time_zone: "Europe/London" } }));
  const place = (name: string, purpose: components["schemas"]["Purpose"]) =>
    did(admin.POST("/v1/locations", { body: { site_id: site.id, name, purpose, min_c: 15, max_c: 25 } }));
  const [goodsIn, cabinet] = [await place("Goods in", "quarantine"), await place("Cabinet", "stock")];
  const product = await did(admin.POST("/v1/products", {
    body: {
      gtin: "09521234567899", name: "HArmonyCa", manufacturer: "Example Aesthetics", class: "hybrid_filler", units_per_pack: 2,
      unit: { presentation: "prefilled syringe", amount: "1.25", amount_unit: "mL" }, storage: { min_c: 2, max_c: 25 },
      single_patient: true,
      approvals: [{ jurisdiction: "GB", status: "authorised", source: "illustrative", verified_on: new Date().toISOString().slice(0, 10) }],
    },
  }));
  const supplier = await did(admin.POST("/v1/suppliers", { body: { name: "Example Medical", country: "GB", approved_classes: ["hybrid_filler"] } }));
  const nia = await did(admin.POST("/v1/practitioners", { body: { name: "Dr Nia Example", profession: "doctor" } }));
  const licences: [components["schemas"]["Holder"], components["schemas"]["LicenceKind"], string, string][] = [
    [{ type: "site", id: site.id }, "facility", "CQC", "1-0000000001"],
    [{ type: "supplier", id: supplier.id }, "wholesale", "MHRA", "WDA-00000"],
    [{ type: "practitioner", id: nia.id }, "professional_registration", "GMC", "1234567"],
  ];
  for (const [holder, kind, authority, number] of licences) {
    const licence = await did(admin.POST("/v1/licences", {
      body: { holder, kind, authority, number, jurisdiction: "GB", product_classes: ["*"], valid_from: "2026-01-01", valid_to: "2099-12-31" },
    }));
    await did(admin.POST("/v1/licences/{id}/checks", { params: { path: { id: licence.id } }, body: { outcome: "verified", source: "public register" } }));
  }

  const order = await did(purchaser.POST("/v1/orders", { body: { site_id: site.id, supplier_id: supplier.id, lines: [{ product_id: product.id, packs: 1 }] } }));
  await did(purchaser.POST("/v1/orders/{id}/place", { params: { path: { id: order.id } } }));
  const receipt = await did(purchaser.POST("/v1/receipts", {
    body: { order_id: order.id, supplier_id: supplier.id, site_id: site.id, location_id: goodsIn.id, lines: [{ scan: pack, packs: 1 }] },
  }));
  const lot = receipt.lines[0]!.lot_id;
  await did(purchaser.POST("/v1/inspections", {
    body: {
      receipt_id: receipt.id, lot_id: lot, units_passed: 2, units_failed: 0,
      checks: (["outer_carton_intact", "tamper_evidence_intact", "label_legible"] as const).map((criterion) => ({ criterion, result: "pass" as const })),
    },
  }));
  await did(quality.POST("/v1/lots/{id}/releases", {
    params: { path: { id: lot } },
    body: { from_location_id: goodsIn.id, to_location_id: cabinet.id, units: 2, serials: ["SN0001"], reason: "Inspection complete" },
  }));
  const scan = await did(practitioner.POST("/v1/scans", { body: { code: pack, site_id: site.id, practitioner_id: nia.id, purpose: "administer" } }));
  if (!scan.decision.allowed) throw new Error(scan.decision.reasons.map((reason) => reason.message).join(" "));
  const administration = await did(practitioner.POST("/v1/administrations", {
    body: { scan: pack, site_id: site.id, practitioner_id: nia.id, patient_ref: "P-1001", units: 1, treatment: { area: "midface", plane: "subdermal" } },
  }));
  const custody = await did(auditor.GET("/v1/administrations/{id}/custody", { params: { path: { id: administration.id } } }));
  return custody.events.map((event) => event.kind);
}
