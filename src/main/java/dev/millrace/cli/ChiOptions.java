package dev.millrace.cli;

import dev.millrace.exafs.ChiParameters;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The parameters of χ(k) on a command line. */
final class ChiOptions {
    private static final List<String> NAMES = List.of(
            "--s02",
            "--e0",
            "--deltar",
            "--sigma2",
            "--third",
            "--fourth",
            "--ei",
            "--degen",
            "--interp",
            "--no-first-point");

    @Option(
            names = "--s02",
            paramLabel = "X",
            defaultValue = "1",
            description = "Amplitude reduction S02 (default: 1).")
    private double s02;

    @Option(names = "--e0", paramLabel = "EV", defaultValue = "0", description = "Energy shift, eV (default: 0).")
    private double e0;

    @Option(
            names = "--deltar",
            paramLabel = "A",
            defaultValue = "0",
            description = "Change of the half path length, Å (default: 0).")
    private double deltar;

    @Option(
            names = "--sigma2",
            paramLabel = "A2",
            defaultValue = "0",
            description = "Mean square displacement, Å² (default: 0).")
    private double sigma2;

    @Option(names = "--third", paramLabel = "A3", defaultValue = "0", description = "Third cumulant, Å³ (default: 0).")
    private double third;

    @Option(
            names = "--fourth",
            paramLabel = "A4",
            defaultValue = "0",
            description = "Fourth cumulant, Å⁴ (default: 0).")
    private double fourth;

    @Option(names = "--ei", paramLabel = "EV", defaultValue = "0", description = "Imaginary energy, eV (default: 0).")
    private double ei;

    @Option(names = "--degen", paramLabel = "N", description = "Degeneracy in place of the file's.")
    private @Nullable Double degeneracy;

    @Option(
            names = "--interp",
            paramLabel = "cubic|linear",
            defaultValue = "cubic",
            description = "How columns are read between rows (default: cubic).")
    private String interpolation = "cubic";

    @Option(
            names = "--no-first-point",
            description = "Do not replace the first value of χ by the line through the next two, as larch does.")
    private boolean keepsFirst;

    /** The parameters, or null where the command line names none of them. */
    @Nullable
    ChiParameters given(CommandSpec command) {
        return NAMES.stream().anyMatch(command.commandLine().getParseResult()::hasMatchedOption) ? parameters() : null;
    }

    ChiParameters parameters() {
        ChiParameters.Interpolation chosen = switch (interpolation.toLowerCase(Locale.ROOT)) {
            case "cubic" -> ChiParameters.Interpolation.CUBIC;
            case "linear" -> ChiParameters.Interpolation.LINEAR;
            default -> throw new UsageException("--interp: expected cubic or linear, found " + interpolation + ".");
        };
        return Inputs.checked(
                () -> new ChiParameters(s02, e0, deltar, sigma2, third, fourth, ei, degeneracy, chosen, !keepsFirst));
    }
}
