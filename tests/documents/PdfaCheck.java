import java.io.File;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.verapdf.pdfa.validation.validators.ValidatorFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Usage: java -cp JAR PdfaCheck.java FLAVOURS FILE..., for instance "3a,ua1 report.pdf". */
public class PdfaCheck {
    public static void main(String[] args) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean good = true;
        for (String flavour : args[0].split(",")) {
            ValidationProfile profile = profile(flavour);
            for (int i = 1; i < args.length; i++) {
                good &= check(profile, flavour, new File(args[i]));
            }
        }
        System.exit(good ? 0 : 1);
    }

    private static boolean check(ValidationProfile profile, String flavour, File file) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, profile.getPDFAFlavour());
                PDFAValidator validator = ValidatorFactory.createValidator(profile, 100, false, true, false)) {
            ValidationResult result = validator.validate(parser);
            System.out.println((result.isCompliant() ? "PASS " : "FAIL ") + flavour + " " + file.getName()
                + " assertions=" + result.getTotalAssertions() + " rules=" + profile.getRules().size());
            Set<String> seen = new TreeSet<>();
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() != TestAssertion.Status.PASSED) {
                    RuleId id = assertion.getRuleId();
                    seen.add("  " + id.getClause() + "-" + id.getTestNumber() + " " + assertion.getMessage());
                }
            }
            seen.forEach(System.out::println);
            return result.isCompliant() && result.getTotalAssertions() > 0;
        }
    }

    /** The library reads its profiles with JAXB, which no JDK has carried since 11. */
    private static ValidationProfile profile(String flavour) throws Exception {
        String name = flavour.startsWith("ua")
            ? "PDFUA-" + flavour.substring(2)
            : "PDFA-" + flavour.toUpperCase();
        Element root;
        try (InputStream in = PdfaCheck.class.getResourceAsStream("/org/verapdf/pdfa/validation/" + name + ".xml")) {
            root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in).getDocumentElement();
        }
        Set<Rule> rules = new HashSet<>();
        for (Element rule : all(root, "rule")) {
            Element id = all(rule, "id").get(0);
            RuleId ruleId = Profiles.ruleIdFromValues(
                PDFAFlavour.Specification.valueOf(id.getAttribute("specification")),
                id.getAttribute("clause"),
                Integer.parseInt(id.getAttribute("testNumber")));
            String deferred = rule.getAttribute("deferred");
            rules.add(Profiles.ruleFromValues(
                ruleId,
                rule.getAttribute("object"),
                deferred.isEmpty() ? null : Boolean.valueOf(deferred),
                rule.getAttribute("tags"),
                text(rule, "description"),
                text(rule, "test"),
                Profiles.errorFromValues(text(rule, "message"), new ArrayList<>()),
                new ArrayList<>()));
        }
        Set<Variable> variables = new HashSet<>();
        for (Element variable : all(root, "variable")) {
            variables.add(Profiles.variableFromValues(
                variable.getAttribute("name"),
                variable.getAttribute("object"),
                text(variable, "defaultValue"),
                text(variable, "value")));
        }
        return Profiles.profileFromValues(
            PDFAFlavour.valueOf(root.getAttribute("flavour")),
            Profiles.profileDetailsFromValues(name, name, "", new Date(0)),
            "",
            rules,
            variables);
    }

    private static List<Element> all(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getElementsByTagName(name);
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }

    private static String text(Element parent, String name) {
        List<Element> found = all(parent, name);
        return found.isEmpty() ? "" : found.get(0).getTextContent().trim();
    }
}
