package dev.millrace.cli;

import dev.millrace.exafs.FeffTree;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Option;

/** What the names in a tree of path files mean. */
final class TreeOptions {
    @Option(
            names = "--file-pattern",
            paramLabel = "REGEX",
            description = "Names of path files; the first group is the number (default feff(\\d+)\\.dat).")
    private String file = FeffTree.Rules.DEFAULT.file().pattern();

    @Option(
            names = "--frame-pattern",
            paramLabel = "REGEX",
            description = "Names of folders of a frame (default frame_(\\d+)).")
    private String frame = FeffTree.Rules.DEFAULT.frame().pattern();

    @Option(
            names = "--atom-pattern",
            paramLabel = "REGEX",
            description = "Names of folders of an atom (default atom_(\\d+)).")
    private String atom = FeffTree.Rules.DEFAULT.atom().pattern();

    @Option(
            names = "--missing-ids",
            paramLabel = "error|number",
            description = "A folder without frame or atom: error, or number, which makes it frame 0 and the next atom"
                    + " (default error).")
    private String missing = "error";

    FeffTree.Rules rules() {
        if (!missing.equals("error") && !missing.equals("number")) {
            throw new UsageException("--missing-ids: expected error or number, found " + missing + ".");
        }
        return Inputs.checked(() -> new FeffTree.Rules(
                pattern("--file-pattern", file),
                pattern("--frame-pattern", frame),
                pattern("--atom-pattern", atom),
                missing.equals("number")));
    }

    private static Pattern pattern(String option, String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new UsageException(
                    option + ": expected a regular expression, found '" + regex + "': " + e.getDescription() + ".");
        }
    }
}
