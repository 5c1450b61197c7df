package dev.millrace.cli;

import dev.millrace.exafs.FeffComparison;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace exafs compare}: χ(k) against FEFF's own. */
@Command(
        name = "compare",
        description = {
            "Sum χ(k) of the paths that chi.dat lists, with its S02 and at its k, and compare it with FEFF's own.",
            "Ends with code 1 if a folder differs by more than the tolerance, with 3 if one cannot be compared."
        })
final class ExafsCompareCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(arity = "1..*", paramLabel = "DIR", description = "Folders; all with a chi.dat at or below them.")
    private List<Path> roots = new ArrayList<>();

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            defaultValue = "0.02",
            description = "Largest difference that passes (default: 0.02).")
    private double tolerance = FeffComparison.USUAL_TOLERANCE;

    @Option(
            names = "--kmin",
            paramLabel = "K",
            defaultValue = "2",
            description = "Compare from this k on, Å⁻¹ (default: 2).")
    private double leastK = FeffComparison.USUAL_LEAST_K;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!(tolerance > 0)) {
            throw new UsageException("--tolerance: expected a number above 0, found " + tolerance + ".");
        }
        List<FeffComparison> comparisons = new ArrayList<>();
        int failures = 0;
        for (Path root : roots) {
            List<Path> folders = FeffComparison.folders(Inputs.folder(root));
            if (folders.isEmpty()) {
                throw new UsageException("Expected a chi.dat at or below " + root + ", found none.");
            }
            for (Path folder : folders) {
                try {
                    comparisons.add(FeffComparison.of(folder, leastK));
                } catch (IOException e) {
                    failures++;
                    console.error(String.valueOf(e.getMessage()));
                }
            }
        }
        long passed = comparisons.stream().filter(this::passes).count();
        if (json) {
            console.printJson(report(comparisons, passed, failures));
        } else {
            print(comparisons, passed, failures);
        }
        if (failures > 0) {
            return ExitCode.REJECTED.code();
        }
        return passed == comparisons.size() ? ExitCode.DONE.code() : ExitCode.FAILED.code();
    }

    private boolean passes(FeffComparison comparison) {
        return comparison.largestDifference() <= tolerance;
    }

    private void print(List<FeffComparison> comparisons, long passed, int failures) {
        console.printTable(
                List.of("folder", "paths", "S02", "max |Δχ|", "at k", "rms Δχ", ""),
                comparisons.stream()
                        .map(one -> List.of(
                                one.folder().toString(),
                                String.valueOf(one.pathCount()),
                                String.format(Locale.ROOT, "%.3f", one.s02()),
                                String.format(Locale.ROOT, "%.2e", one.largestDifference()),
                                String.format(Locale.ROOT, "%.2f", one.atK()),
                                String.format(Locale.ROOT, "%.2e", one.rmsDifference()),
                                passes(one) ? "pass" : "FAIL"))
                        .toList());
        console.print(passed + " of " + comparisons.size() + " folders within " + tolerance + " of FEFF from k "
                + leastK + " Å⁻¹ on" + (failures == 0 ? "." : "; " + failures + " could not be compared."));
    }

    private Map<String, Object> report(List<FeffComparison> comparisons, long passed, int failures) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("tolerance", tolerance);
        report.put("kmin", leastK);
        report.put("compared", comparisons.size());
        report.put("passed", passed);
        report.put("failed", comparisons.size() - passed);
        report.put("not_compared", failures);
        report.put(
                "folders",
                comparisons.stream()
                        .map(one -> {
                            Map<String, Object> fields = new LinkedHashMap<>();
                            fields.put("folder", one.folder().toString());
                            fields.put("paths", one.pathCount());
                            fields.put("s02", one.s02());
                            fields.put("max_difference", one.largestDifference());
                            fields.put("at_k", one.atK());
                            fields.put("rms_difference", one.rmsDifference());
                            fields.put("passed", passes(one));
                            return fields;
                        })
                        .toList());
        return report;
    }
}
