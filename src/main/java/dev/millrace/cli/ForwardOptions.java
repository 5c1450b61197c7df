package dev.millrace.cli;

import dev.millrace.exafs.FourierTransform;
import dev.millrace.exafs.FourierWindow;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How χ(k) is transformed to χ(R), on a command line. */
final class ForwardOptions {
    @Option(
            names = "--kmin",
            paramLabel = "K",
            defaultValue = "0",
            description = "Start of the window, Å⁻¹ (default: 0).")
    private double kmin;

    @Option(names = "--kmax", paramLabel = "K", defaultValue = "20", description = "Its end, Å⁻¹ (default: 20).")
    private double kmax;

    @Option(
            names = "--dk",
            paramLabel = "K",
            defaultValue = "1",
            description = "Width of its rise, or its parameter (kaiser, gaussian), Å⁻¹ (default: 1).")
    private double dk;

    @Option(names = "--dk2", paramLabel = "K", description = "Width of its fall, Å⁻¹ (default: as --dk).")
    private @Nullable Double dk2;

    @Option(
            names = "--kweight",
            paramLabel = "N",
            defaultValue = "2",
            description = "χ is multiplied by this power of k; only its whole part counts (default: 2).")
    private double kweight;

    @Option(
            names = "--window",
            paramLabel = "NAME",
            defaultValue = "kaiser",
            description = "kaiser, hanning, parzen, welch, gaussian or sine (default: kaiser).")
    private String window = "kaiser";

    @Option(
            names = "--rmax-out",
            paramLabel = "R",
            defaultValue = "10",
            description = "Largest R given back, Å (default: 10).")
    private double mostR = FourierTransform.USUAL_MOST_R;

    FourierWindow.Range range() {
        return Inputs.checked(
                () -> new FourierWindow.Range(FourierWindow.parse(window), kmin, kmax, dk, dk2 == null ? dk : dk2));
    }

    int kweight() {
        return weight("--kweight", kweight);
    }

    double mostR() {
        return mostR;
    }

    static int weight(String option, double given) {
        if (!(given >= 0 && given <= 20)) {
            throw new UsageException(option + ": expected a number 0..20, found " + given + ".");
        }
        return (int) given;
    }
}
