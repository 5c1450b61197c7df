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

/** {@code millrace exafs ft}: χ(R) of χ(k). */
@Command(
        name = "ft",
        description = {
            "Transform χ(k) to χ(R), as CSV: r, re, im, mag.",
            "For example: millrace exafs ft --input chi.csv --kmin 3 --kmax 17 --window hanning --out chir.csv"
        })
final class ExafsFtCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ForwardOptions options = new ForwardOptions();

    @Option(
            names = "--input",
            required = true,
            paramLabel = "CHI.csv",
            description = "Columns k and chi; without names, the first two.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path input;

    @Option(names = "--kstep", paramLabel = "K", description = "Step of k, Å⁻¹ (default: the first of the input).")
    private @Nullable Double kstep;

    @Option(names = "--out", paramLabel = "R.csv", description = "File to write (default: print).")
    private @Nullable Path out;

    @Option(names = "--window-out", paramLabel = "W.csv", description = "Write the window too: k, kwin.")
    private @Nullable Path windowOut;

    @Override
    public Integer call() throws IOException {
        FourierWindow.Range range = options.range();
        NumberTable table = CsvOutput.input(input, out, windowOut);
        double[] k = table.column(0, "k");
        double[] chi = table.column(1, "chi");
        FourierTransform.Result result = Inputs.checked(() -> kstep == null
                ? FourierTransform.forward(k, chi, range, options.kweight(), options.mostR())
                : FourierTransform.forward(k, chi, kstep, range, options.kweight(), options.mostR()));
        CsvOutput.write(
                console,
                out,
                List.of("r", "re", "im", "mag"),
                result.x(),
                result.real(),
                result.imaginary(),
                result.magnitude());
        if (windowOut != null) {
            CsvOutput.write(console, windowOut, List.of("k", "kwin"), result.windowPlaces(), result.window());
        }
        return ExitCode.DONE.code();
    }
}
