package dev.millrace.cli;

import dev.millrace.exafs.FourierTransform;
import dev.millrace.exafs.FourierWindow;
import dev.millrace.exafs.NumberTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace exafs ift}: χ(q) of χ(R). */
@Command(
        name = "ift",
        description = {
            "Transform χ(R) back to χ(q), as CSV: q, re, im, mag.",
            "For example: millrace exafs ift --input chir.csv --rmin 1 --rmax 3.2 --dr 0.5 --out chiq.csv"
        })
final class ExafsIftCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--input",
            required = true,
            paramLabel = "R.csv",
            description = "Columns r, re and im, as ft writes them; without names, the first three.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path input;

    @Option(
            names = "--rmin",
            paramLabel = "R",
            defaultValue = "0",
            description = "Start of the window, Å (default: 0).")
    private double rmin;

    @Option(names = "--rmax", paramLabel = "R", defaultValue = "20", description = "Its end, Å (default: 20).")
    private double rmax;

    @Option(
            names = "--dr",
            paramLabel = "R",
            defaultValue = "1",
            description = "Width of its rise, or its parameter (kaiser, gaussian), Å (default: 1).")
    private double dr;

    @Option(names = "--dr2", paramLabel = "R", description = "Width of its fall, Å (default: as --dr).")
    private @Nullable Double dr2;

    @Option(
            names = "--rweight",
            paramLabel = "N",
            defaultValue = "0",
            description = "χ(R) is multiplied by this power of R; only its whole part counts (default: 0).")
    private double rweight;

    @Option(
            names = "--window",
            paramLabel = "NAME",
            defaultValue = "kaiser",
            description = "kaiser, hanning, parzen, welch, gaussian or sine (default: kaiser).")
    private String window = "kaiser";

    @Option(
            names = "--qmax-out",
            paramLabel = "Q",
            defaultValue = "30",
            description = "Largest q given back, Å⁻¹ (default: 30).")
    private double mostQ = FourierTransform.USUAL_MOST_Q;

    @Option(names = "--out", paramLabel = "Q.csv", description = "File to write (default: print).")
    private @Nullable Path out;

    @Option(names = "--window-out", paramLabel = "W.csv", description = "Write the window too: r, rwin.")
    private @Nullable Path windowOut;

    @Override
    public Integer call() throws IOException {
        FourierWindow.Range range = Inputs.checked(
                () -> new FourierWindow.Range(FourierWindow.parse(window), rmin, rmax, dr, dr2 == null ? dr : dr2));
        int weight = ForwardOptions.weight("--rweight", rweight);
        NumberTable table = CsvOutput.input(input, out, windowOut);
        double[] r = table.column(0, "r");
        double[] real = table.column(1, "re", "chir_re");
        double[] imaginary = table.column(2, "im", "chir_im");
        FourierTransform.Result result =
                Inputs.checked(() -> FourierTransform.back(r, real, imaginary, range, weight, mostQ));
        CsvOutput.write(
                console,
                out,
                List.of("q", "re", "im", "mag"),
                result.x(),
                result.real(),
                result.imaginary(),
                result.magnitude());
        if (windowOut != null) {
            CsvOutput.write(console, windowOut, List.of("r", "rwin"), result.windowPlaces(), result.window());
        }
        return ExitCode.DONE.code();
    }
}
