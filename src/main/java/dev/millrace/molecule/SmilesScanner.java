package dev.millrace.molecule;

/** A place in the text of one SMILES, and what is read there. One thread at a time. */
final class SmilesScanner {
    private static final int LONGEST_SHOWN = 120;
    private static final int LARGEST_NUMBER = 100_000;

    private final String text;
    private int position;

    SmilesScanner(String text) {
        this.text = text;
    }

    boolean atEnd() {
        return position >= text.length();
    }

    /** The character here; NUL at the end. */
    char peek() {
        return peek(0);
    }

    /** The character so many places on, or back; NUL beyond the text. */
    char peek(int distance) {
        int at = position + distance;
        return at >= 0 && at < text.length() ? text.charAt(at) : '\0';
    }

    void skip(int characters) {
        position += characters;
    }

    /** Passes over a character if it is the one here. */
    boolean skipIf(char expected) {
        boolean here = !atEnd() && text.charAt(position) == expected;
        position += here ? 1 : 0;
        return here;
    }

    /** The digits here as a number; {@code absent} without any. */
    int number(int absent) throws MoleculeFormatException {
        int start = position;
        int value = 0;
        while (isDigit(peek())) {
            value = value * 10 + (text.charAt(position++) - '0');
            if (value > LARGEST_NUMBER) {
                throw fault("number too large");
            }
        }
        return position == start ? absent : value;
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    MoleculeFormatException fault(String what) {
        return new MoleculeFormatException(
                "SMILES syntax: " + what + " at character " + (position + 1) + " of '" + abbreviated() + "'");
    }

    private String abbreviated() {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN - 3) + "...";
    }
}
