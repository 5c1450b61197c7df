package dev.millrace.exafs;

import dev.millrace.exafs.FeffFileException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines of a path file down to its dashes, as they come. One thread at a time. */
final class FeffHeader {
    /** Where the version begins in the title line, blanks at its start not counted. */
    private static final int VERSION_PLACE = 64;

    private static final Pattern POTENTIAL = Pattern.compile("Pot\\s*(\\d+)\\s*Z=.*");
    private static final Pattern ABSORBER = Pattern.compile("Abs\\s+Z=.*");
    private static final Pattern SHELL = Pattern.compile("\\s*shell\\s*$");

    String title = "";
    String version = "";
    String shell = "";
    double coreHoleWidth;
    String exchange = "";
    double chemicalPotential;
    double fermiMomentum;
    double interstitialPotential;
    double interstitialRadius;
    final List<FeffPath.Potential> potentials = new ArrayList<>();

    private boolean absorberSeen;
    private boolean widthSeen;
    private boolean levelSeen;

    /** Reads to the dashes, which it leaves as the line at hand. */
    static FeffHeader read(FeffLines lines) throws FeffFileException {
        FeffHeader header = new FeffHeader();
        while (lines.advance()) {
            lines.withoutHash();
            if (header.absorberSeen && isDashes(lines)) {
                header.requireComplete(lines);
                return header;
            }
            header.take(lines);
        }
        throw lines.failure(
                Reason.TRUNCATED, "expected dashes below " + header.lastSeen() + ", found the end of the file");
    }

    private void take(FeffLines lines) throws FeffFileException {
        String text = lines.text();
        if (ABSORBER.matcher(text).matches()) {
            absorberSeen = true;
            potentials.add(potential(lines, text, 0));
            shell = SHELL.matcher(after(text, "Rnm=")).replaceFirst("");
            return;
        }
        Matcher potential = POTENTIAL.matcher(text);
        if (absorberSeen && potential.matches()) {
            potentials.add(potential(lines, text, index(lines, potential.group(1))));
        } else if (absorberSeen && text.startsWith("Gam_ch=")) {
            widthSeen = true;
            coreHoleWidth = number(lines, text, "Gam_ch=");
            exchange = after(text, "Gam_ch=");
        } else if (absorberSeen && text.startsWith("Mu=")) {
            levelSeen = true;
            chemicalPotential = number(lines, text, "Mu=");
            fermiMomentum = number(lines, text, "kf=");
            interstitialPotential = number(lines, text, "Vint=");
            interstitialRadius = number(lines, text, "Rs_int=");
        } else if (lines.number() == 1) {
            title = text.substring(0, Math.min(VERSION_PLACE, text.length())).trim();
            version = text.length() > VERSION_PLACE
                    ? text.substring(VERSION_PLACE).trim()
                    : "";
        }
    }

    private void requireComplete(FeffLines lines) throws FeffFileException {
        if (!widthSeen || !levelSeen) {
            throw lines.failure(
                    Reason.MALFORMED_HEADER,
                    "expected a line '" + (widthSeen ? "Mu=" : "Gam_ch=") + "' above the dashes, found none");
        }
    }

    private String lastSeen() {
        return absorberSeen ? "the line 'Abs Z='" : "a line 'Abs Z='";
    }

    private static FeffPath.Potential potential(FeffLines lines, String text, int index) throws FeffFileException {
        double atomicNumber = number(lines, text, "Z=");
        if (atomicNumber != Math.rint(atomicNumber) || !Elements.isElement((int) atomicNumber)) {
            throw lines.failure(
                    Reason.MALFORMED_HEADER, "expected an atomic number 1..118 of a potential, found " + atomicNumber);
        }
        return new FeffPath.Potential(
                index, (int) atomicNumber, number(lines, text, "Rmt="), number(lines, text, "Rnm="));
    }

    private static int index(FeffLines lines, String digits) throws FeffFileException {
        if (digits.length() > 6) {
            throw lines.failure(Reason.MALFORMED_HEADER, "expected the index of a potential, found " + digits);
        }
        return Integer.parseInt(digits);
    }

    /** The number behind a name such as {@code kf=}. */
    private static double number(FeffLines lines, String text, String name) throws FeffFileException {
        int at = text.indexOf(name);
        String cell = at < 0 ? "" : text.substring(at + name.length()).trim();
        int length = 0;
        while (length < cell.length() && cell.charAt(length) > ' ') {
            length++;
        }
        byte[] digits = cell.substring(0, length).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        double value = FortranNumber.parse(digits, 0, digits.length);
        if (Double.isFinite(value)) {
            return value;
        }
        boolean none = Double.isInfinite(value) || FortranNumber.saysNone(digits, 0, digits.length);
        throw lines.failure(
                none ? Reason.NOT_A_NUMBER : Reason.MALFORMED_HEADER,
                "expected a number behind '" + name + "', found '" + FeffLines.visible(cell.substring(0, length))
                        + "'");
    }

    /** What follows the number behind a name, without blanks around it. */
    private static String after(String text, String name) {
        String rest = text.substring(text.indexOf(name) + name.length()).trim();
        int blank = rest.indexOf(' ');
        return blank < 0 ? "" : rest.substring(blank).trim();
    }

    private static boolean isDashes(FeffLines lines) {
        int first = lines.firstInk(lines.start);
        int last = lines.firstBlank(first);
        for (int at = first; at < last; at++) {
            if (lines.bytes[at] != '-') {
                return false;
            }
        }
        return last - first >= 10 && lines.firstInk(last) == lines.end;
    }
}
