package dev.millrace.genome;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which sample a contig is of. Immutable, thread-safe.
 *
 * <p>A sample's name becomes that of a folder and of a file, so {@link #of(String)} and the instances never give one that
 * would lead anywhere else.
 */
public final class SampleIds {
    /** How the words of a rule by a regular expression begin. */
    static final String PATTERN = "pattern ";

    private static final String FIELDS = "__";
    private static final String PIECES = "-";
    private static final int LONGEST_BYTES = 200;

    private final String description;
    private final Rule rule;

    /** Takes a contig's name, gives its sample's. */
    private interface Rule {
        String sampleOf(String contigId);
    }

    private SampleIds(String description, Rule rule) {
        this.description = description;
        this.rule = rule;
    }

    /**
     * The original's rule: of the second field between {@code __} all pieces between {@code -} but the first, joined by
     * {@code .}: {@code BCR__EXT-LON042-1__CT1-1} is of {@code LON042.1}.
     *
     * @throws IllegalArgumentException naming the id, if it has no such field or no such piece
     */
    public static String of(String contigId) {
        int second = contigId.indexOf(FIELDS);
        if (second < 0) {
            throw malformed(contigId, "no '__'");
        }
        int start = second + FIELDS.length();
        int end = contigId.indexOf(FIELDS, start);
        String field = contigId.substring(start, end < 0 ? contigId.length() : end);
        int piece = field.indexOf(PIECES);
        if (piece < 0 || piece == field.length() - 1) {
            throw malformed(contigId, "'" + field + "' between '__', without a sample after '-'");
        }
        return requireName(field.substring(piece + 1).replace(PIECES, "."), contigId);
    }

    private static IllegalArgumentException malformed(String contigId, String found) {
        return new IllegalArgumentException("Contig id without a sample: expected TYPE__PREFIX-SAMPLE__CONTIG, as"
                + " BCR__EXT-LON042-1__CT1-1 of sample LON042.1, found '" + contigId + "' with " + found + ".");
    }

    /** The original's rule, {@link #of(String)}. */
    public static SampleIds original() {
        return new SampleIds("original", SampleIds::of);
    }

    /** The original's rule where a contig's name has its form, else one sample. */
    static SampleIds originalOr(String name) {
        return new SampleIds("original or " + name, contigId -> {
            try {
                return of(contigId);
            } catch (IllegalArgumentException e) {
                return requireName(name, null);
            }
        });
    }

    /**
     * One sample for all contigs.
     *
     * @throws IllegalArgumentException if the name cannot be that of a folder
     */
    public static SampleIds fixed(String name) {
        requireName(name, null);
        return new SampleIds("sample " + name, contigId -> name);
    }

    /**
     * What the first group of a regular expression matches in a contig's name, or all that it matches where it has no group.
     *
     * @throws IllegalArgumentException if it is no regular expression
     */
    public static SampleIds pattern(String regex) {
        Pattern pattern;
        try {
            pattern = Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("Expected a regular expression, found '" + regex + "': "
                    + e.getDescription() + " at character " + e.getIndex() + ".");
        }
        return new SampleIds(PATTERN + regex, contigId -> {
            Matcher matcher = pattern.matcher(contigId);
            String found = !matcher.find() ? null : matcher.groupCount() > 0 ? matcher.group(1) : matcher.group();
            if (found == null) {
                throw new IllegalArgumentException(
                        "Contig id without a sample: expected a match of '" + regex + "', found '" + contigId + "'.");
            }
            return requireName(found, contigId);
        });
    }

    /**
     * The sample of a contig.
     *
     * @throws IllegalArgumentException naming the id, if it has none
     */
    public String sampleOf(String contigId) {
        return rule.sampleOf(contigId);
    }

    /** The rule in words, as it is recorded in a file. */
    @Override
    public String toString() {
        return description;
    }

    /**
     * Accepts what may be the name of a folder.
     *
     * @param contigId where it was found, null if it was given as such
     * @throws IllegalArgumentException for anything that could lead out of the folder
     */
    static String requireName(String name, @org.jspecify.annotations.Nullable String contigId) {
        boolean leads =
                name.chars().anyMatch(letter -> letter == '/' || letter == '\\' || letter < ' ' || letter == 127);
        int bytes = name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        if (leads || name.isBlank() || name.equals(".") || name.equals("..") || bytes > LONGEST_BYTES) {
            throw new IllegalArgumentException("Sample name: expected 1 to " + LONGEST_BYTES
                    + " bytes without '/', '\\' and control characters, neither '.' nor '..', found '" + shown(name)
                    + "'" + (contigId == null ? "" : " in contig id '" + shown(contigId) + "'") + ".");
        }
        return name;
    }

    private static String shown(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= LONGEST_BYTES ? printable : printable.substring(0, LONGEST_BYTES) + "…";
    }
}
