package dev.millrace.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes outcomes as the XML of JUnit, which servers of continuous integration show: one test case per domain. */
final class JUnitReport {
    private JUnitReport() {}

    static void write(Path file, List<SmokeOutcome> outcomes) throws IOException {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuite");
            xml.writeAttribute("name", "millrace smoke");
            xml.writeAttribute("tests", Integer.toString(outcomes.size()));
            xml.writeAttribute(
                    "failures",
                    Long.toString(outcomes.stream()
                            .filter(outcome -> outcome.message() != null)
                            .count()));
            xml.writeAttribute("errors", "0");
            xml.writeAttribute(
                    "time",
                    seconds(outcomes.stream().mapToDouble(SmokeOutcome::seconds).sum()));
            for (SmokeOutcome outcome : outcomes) {
                testCase(xml, outcome);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IOException("Cannot write " + file + ": " + e.getMessage(), e);
        }
        Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
    }

    private static void testCase(XMLStreamWriter xml, SmokeOutcome outcome) throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", "millrace.smoke");
        xml.writeAttribute("name", outcome.name());
        xml.writeAttribute("time", seconds(outcome.seconds()));
        String message = outcome.message();
        if (message != null) {
            xml.writeStartElement("failure");
            xml.writeAttribute("type", outcome.verdict().word());
            xml.writeAttribute("message", printable(message));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    /** XML has no way to write a control character. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
