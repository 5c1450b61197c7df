package dev.millrace.spectra;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of one record. Names are compared without case, blanks, {@code _} and {@code -}; the first value that
 * says something wins. What no field gives is looked for in the comment: {@code "key=value"} and {@code key="value"} as
 * MassBank of North America writes, {@code SemiStdNP=354/16/10} as NIST writes, and in Golm's {@code Synon: RI: 986,12}.
 */
final class MspFields {
    private static final Set<String> ABSENT = Set.of("", "na", "n/a", "none", "null", "nan", "-", "unknown");
    private static final Pattern QUOTED_PAIR = Pattern.compile("\"([^\"=]{1,64})=([^\"]*)\"");
    private static final Pattern PAIR_QUOTED = Pattern.compile("(?<=^|\\s)([A-Za-z][\\w ]{0,63})=\"([^\"]*)\"");
    private static final Pattern COMMENT_INDEX =
            Pattern.compile("(?:\\bSemiStdNP=|\\|RI:|\\bStdNP=|\\bRI[:=]\\s*)([0-9]+(?:[.,][0-9]+)?)");
    private static final Pattern LEADING_NUMBER = Pattern.compile("\\s*([0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?)");
    private static final Pattern CAS_DIGITS = Pattern.compile("0*([0-9]{2,7})-?([0-9]{2})-?([0-9])");
    private static final Set<String> NESTED = Set.of("ri", "formula", "mw");
    private static final int LONGEST_COMMENT = 1 << 16;

    private final Map<String, String> values = new HashMap<>();
    private final StringBuilder comment = new StringBuilder();

    /** A field name in the form in which it is compared. */
    static String normal(String key) {
        StringBuilder normal = new StringBuilder(key.length());
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c != ' ' && c != '\t' && c != '_' && c != '-') {
                normal.append(c);
            }
        }
        return normal.toString().toLowerCase(Locale.ROOT);
    }

    static boolean isPeakCount(String normalKey) {
        return normalKey.equals("numpeaks") || normalKey.equals("numberofpeaks") || normalKey.equals("npeaks");
    }

    static boolean isName(String normalKey) {
        return normalKey.equals("name");
    }

    static boolean isOtherName(String normalKey) {
        return normalKey.equals("compoundname");
    }

    void put(String normalKey, String value) {
        if (normalKey.equals("comment") || normalKey.equals("comments")) {
            if (comment.length() + value.length() < LONGEST_COMMENT) {
                comment.append(' ').append(value);
            }
        } else if (normalKey.equals("synon")) {
            int colon = value.indexOf(':');
            String nested = colon < 0 ? "" : normal(value.substring(0, colon));
            if (NESTED.contains(nested)) {
                putIfTelling("synon:" + nested, value.substring(colon + 1));
            }
        } else {
            putIfTelling(normalKey, value);
        }
    }

    private void putIfTelling(String key, String value) {
        String stripped = value.strip();
        if (!ABSENT.contains(stripped.toLowerCase(Locale.ROOT))) {
            values.putIfAbsent(key, stripped);
        }
    }

    @Nullable
    String sourceId() {
        return values.get("id");
    }

    MspRecord toRecord(long line, Peaks peaks) {
        for (Pattern pattern : List.of(QUOTED_PAIR, PAIR_QUOTED)) {
            Matcher pair = pattern.matcher(comment);
            while (pair.find()) {
                putIfTelling("comment:" + normal(pair.group(1)), pair.group(2));
            }
        }
        String name = first("name", "compoundname");
        return new MspRecord(
                line,
                sourceId(),
                name == null ? "" : name,
                first("inchikey", "comment:inchikey", "comment:computedinchikey"),
                first("inchi", "stdinchi", "comment:inchi", "comment:computedinchi"),
                first("smiles", "comment:smiles", "comment:computedsmiles"),
                first("formula", "molecularformula", "synon:formula"),
                positive(first("mw", "molecularweight", "synon:mw")),
                positive(first("exactmass", "comment:exactmass", "comment:computedexactmass")),
                casNo(first("casno", "cas", "cas#", "casnumber", "comment:cas", "comment:casnumber")),
                retentionIndex(),
                peaks);
    }

    private @Nullable Double retentionIndex() {
        Double index = positive(first("ri", "retentionindex", "synon:ri", "comment:retentionindex"));
        if (index != null) {
            return index;
        }
        Matcher inComment = COMMENT_INDEX.matcher(comment);
        return inComment.find() ? positive(inComment.group(1)) : null;
    }

    private @Nullable String first(String... keys) {
        for (String key : keys) {
            String value = values.get(key);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** The number a value begins with; 0 and −1 are how some programs write that they do not know. */
    private static @Nullable Double positive(@Nullable String value) {
        if (value == null) {
            return null;
        }
        Matcher number = LEADING_NUMBER.matcher(value);
        if (!number.lookingAt()) {
            return null;
        }
        double parsed = Double.parseDouble(number.group(1).replace(',', '.'));
        return parsed > 0 && parsed <= Double.MAX_VALUE ? parsed : null;
    }

    /** Writes 7732185 as 7732-18-5 when the last digit is the check digit: Σ position × digit, from the right, mod 10. */
    private static @Nullable String casNo(@Nullable String value) {
        if (value == null || value.chars().allMatch(c -> c == '0' || c == '-')) {
            return null;
        }
        Matcher parts = CAS_DIGITS.matcher(value);
        if (!parts.matches()) {
            return value;
        }
        String digits = parts.group(1) + parts.group(2);
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            sum += (digits.length() - i) * (digits.charAt(i) - '0');
        }
        boolean checks = sum % 10 == parts.group(3).charAt(0) - '0';
        return checks ? parts.group(1) + "-" + parts.group(2) + "-" + parts.group(3) : value;
    }
}
