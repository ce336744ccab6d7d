"""One field of a right invoice made wrong: `put` is its new text (or "@name=value"), None takes the
element away. Beside it the rule that must be named."""

from dataclasses import dataclass
from typing import Any

from lxml import etree

CII_NAMES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
UBL_NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


@dataclass(frozen=True)
class Mutation:
    form: str
    path: str
    put: str | None
    rule: str

    def __str__(self) -> str:
        end = self.path.rpartition("/")[2].partition("[")[0]
        return f"{self.form} {end} {self.put!r:.20} {self.rule}"

    def of(self, content: bytes) -> bytes:
        root: Any = etree.fromstring(content)
        (node,) = root.xpath(self.path, namespaces=CII_NAMES if self.form == "cii" else UBL_NAMES)
        if self.put is None:
            node.getparent().remove(node)
        elif self.put.startswith("@"):
            name, _, value = self.put[1:].partition("=")
            node.set(name, value)
        else:
            node.text = self.put
        changed: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return changed


def _cii(path: str, put: str | None, rule: str) -> Mutation:
    return Mutation("cii", path, put, rule)


def _ubl(path: str, put: str | None, rule: str) -> Mutation:
    return Mutation("ubl", path, put, rule)


_SELLER, _BUYER = "//ram:SellerTradeParty", "//ram:BuyerTradeParty"
_SUM = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_NOTE = "//ram:IncludedNote[ram:SubjectCode='{}']"
_LINE = "//ram:IncludedSupplyChainTradeLineItem[1]"
_TAX = "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax[1]"

CII = (
    _cii("//rsm:ExchangedDocument/ram:ID", "F 2026 0042", "BR-FR-02_BT-1"),
    _cii("//rsm:ExchangedDocument/ram:ID", "F" * 36, "BR-FR-01_BT-1"),
    _cii("//rsm:ExchangedDocument/ram:ID", None, "XSD"),
    _cii("//rsm:ExchangedDocument/ram:TypeCode", "999", "BR-FR-04_BT-3"),
    _cii("//rsm:ExchangedDocument//udt:DateTimeString", "18991231", "BR-FR-03_BT-2"),
    _cii("//ram:InvoiceCurrencyCode", "EUX", "BR-FR-CO-12_BT-5"),
    _cii(_NOTE.format("PMT"), None, "BR-FR-05_BT-22_PMT"),
    _cii(_NOTE.format("PMD"), None, "BR-FR-05_BT-22_PMD"),
    _cii(_NOTE.format("AAB"), None, "BR-FR-05_BT-22_AAB"),
    _cii(_NOTE.format("BAR") + "/ram:Content", "B2X", "BR-FR-20_BT-21"),
    _cii("//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID", "X9", "BR-FR-08_BT-23"),
    _cii("//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", "urn:x", "FILE-PROFILE"),
    _cii(f"{_SELLER}/ram:Name", "", "BR-06"),
    _cii(f"{_SELLER}//ram:CountryID", "XX", "FX-SCH-A-000580"),
    _cii(f"{_SELLER}/ram:PostalTradeAddress", None, "BR-08"),
    _cii(f"{_SELLER}/ram:SpecifiedLegalOrganization/ram:ID", "73282932", "BR-FR-10_BT-30"),
    _cii(f"{_SELLER}/ram:URIUniversalCommunication", None, "BR-FR-13_BT-34"),
    _cii(f"{_SELLER}//ram:SpecifiedTaxRegistration/ram:ID", "44732829320", "BR-CO-09"),
    _cii(f"{_SELLER}/ram:SpecifiedTaxRegistration", None, "BR-S-02"),
    _cii(f"{_BUYER}/ram:SpecifiedLegalOrganization/ram:ID", "55210055", "BR-FR-11_BT-47"),
    _cii(f"{_BUYER}/ram:SpecifiedLegalOrganization", None, "BR-FR-11_BT-47"),
    _cii(f"{_BUYER}/ram:URIUniversalCommunication/ram:URIID", "@schemeID=EM", "BR-FR-21_BT-49"),
    _cii(f"{_SUM}/ram:LineTotalAmount", "1100.01", "BR-CO-10"),
    _cii(f"{_SUM}/ram:TaxBasisTotalAmount", "1100.01", "BR-CO-13"),
    _cii(f"{_SUM}/ram:TaxTotalAmount", "205.51", "BR-CO-14"),
    _cii(f"{_SUM}/ram:GrandTotalAmount", "1305.51", "BR-CO-15"),
    _cii(f"{_SUM}/ram:DuePayableAmount", "1305.51", "BR-CO-16"),
    _cii(f"{_TAX}/ram:CalculatedAmount", "199.00", "BR-S-09"),
    _cii(f"{_TAX}/ram:BasisAmount", "999.99", "BR-S-08"),
    _cii(f"{_TAX}/ram:RateApplicablePercent", "21.00", "BR-FR-16_BT-119"),
    _cii(f"{_LINE}//ram:BilledQuantity", "@unitCode=XYZW", "FX-SCH-A-000613"),
    _cii(f"{_LINE}//ram:SpecifiedTradeProduct/ram:Name", "", "BR-25"),
    _cii(f"{_LINE}//ram:ChargeAmount", "-100.00", "BR-27"),
    _cii(f"{_LINE}//ram:CategoryCode", "Q", "BR-FR-15_BT-95_BT-151"),
    _cii("//ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode", "999", "FX-SCH-A-000609"),
)

UBL = (
    _ubl("/*/cbc:ID", None, "BR-02"),
    _ubl("/*/cbc:IssueDate", "20.11.2026", "XSD"),
    _ubl("/*/cbc:DocumentCurrencyCode", "EUX", "BR-CL-04"),
    _ubl("/*/cbc:CustomizationID", None, "BR-01"),
    _ubl("//cac:AccountingSupplierParty//cac:Country/cbc:IdentificationCode", "XX", "BR-CL-14"),
    _ubl("//cac:AccountingCustomerParty//cbc:EndpointID", "@schemeID=9999", "BR-CL-25"),
    _ubl("//cac:AccountingSupplierParty//cac:PartyTaxScheme", None, "BR-S-02"),
    _ubl("//cac:AccountingCustomerParty//cac:PartyLegalEntity/cbc:RegistrationName", None, "BR-07"),
    _ubl("//cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount", "1.00", "BR-CO-15"),
    _ubl("//cac:LegalMonetaryTotal/cbc:LineExtensionAmount", "1100.01", "BR-CO-10"),
    _ubl("/*/cac:TaxTotal/cbc:TaxAmount", "205.555", "UBL-DT-01"),
    _ubl("//cac:InvoiceLine[1]/cbc:InvoicedQuantity", "@unitCode=XYZW", "BR-CL-23"),
    _ubl("//cac:InvoiceLine[1]//cac:ClassifiedTaxCategory/cbc:ID", "Q", "BR-CL-18"),
)
