package dev.millrace.cli;

import dev.millrace.exafs.ChiCalculator;
import dev.millrace.exafs.ChiParameters;
import dev.millrace.exafs.FeffFile;
import dev.millrace.exafs.FeffPath;
import dev.millrace.exafs.KGrid;
import dev.millrace.exafs.NumberTable;
import dev.millrace.exafs.PathChi;
import dev.millrace.exafs.PathGeometry;
import dev.millrace.exafs.SigmaSquared;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace exafs chi}: χ(k) of one path. */
@Command(
        name = "chi",
        description = {
            "Compute χ(k) of a feffNNNN.dat file as CSV: k, chi, chi_imag.",
            "For example: millrace exafs chi --file feff0001.dat --sigma2 0.0055 --e0 3.2 --out chi.csv"
        })
final class ExafsChiCommand implements Callable<Integer> {
    /** Without another, as larch has it. */
    private static final double MOST_K = 30;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ChiOptions options = new ChiOptions();

    @Option(names = "--file", required = true, paramLabel = "feffNNNN.dat", description = "FEFF's path file.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Option(
            names = "--kmax",
            paramLabel = "K",
            description = "Last k, Å⁻¹ (default: the last of the file, 30 at most).")
    private @Nullable Double kmax;

    @Option(names = "--kstep", paramLabel = "K", description = "Step of k from 0 on, Å⁻¹ (default: 0.05).")
    private @Nullable Double kstep;

    @Option(
            names = "--k",
            paramLabel = "FILE",
            description = "Take the values of k from this file: its column 'k', or its first without names.")
    private @Nullable Path grid;

    @Option(
            names = "--temperature",
            paramLabel = "K",
            description = "Take σ² from a model at this temperature; needs --einstein or --debye.")
    private @Nullable Double temperature;

    @Option(names = "--einstein", paramLabel = "K", description = "Einstein temperature of the path.")
    private @Nullable Double einstein;

    @Option(names = "--debye", paramLabel = "K", description = "Debye temperature, for the correlated Debye model.")
    private @Nullable Double debye;

    @Option(names = "--out", paramLabel = "O.csv", description = "File to write (default: print).")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
        if (grid != null && (kmax != null || kstep != null)) {
            throw new UsageException("Expected --k or --kmax and --kstep, found both.");
        }
        Inputs.file(file);
        if (out != null) {
            Inputs.output(out, file);
        }
        FeffPath path = FeffFile.read(file);
        if (!PathGeometry.agrees(path)) {
            console.warn("The legs of the path do not make its half length: expected " + path.halfLength()
                    + " Å, found " + PathGeometry.of(path).halfLength() + " Å in " + file + ".");
        }
        ChiCalculator calculator = new ChiCalculator(parameters(path), grid(path));
        if (!calculator.covers(path.arrays())) {
            double[] k = path.arrays().k();
            console.warn("χ(k) is extrapolated: the rows of " + file + " are for k " + k[0] + " … " + k[k.length - 1]
                    + " Å⁻¹ only.");
        }
        PathChi chi = calculator.calculate(path);
        CsvOutput.write(
                console, out, List.of("k", "chi", "chi_imag"), calculator.grid().toArray(), chi.chi(), chi.imaginary());
        return ExitCode.DONE.code();
    }

    private ChiParameters parameters(FeffPath path) {
        ChiParameters given = options.parameters();
        if (temperature == null && einstein == null && debye == null) {
            return given;
        }
        if (temperature == null || (einstein == null) == (debye == null)) {
            throw new UsageException("Expected --temperature with either --einstein or --debye.");
        }
        if (given.sigma2() != 0) {
            throw new UsageException("Expected --sigma2 or a model of it, found both.");
        }
        double t = temperature;
        double sigma2 = Inputs.checked(() -> einstein != null
                ? SigmaSquared.einstein(t, einstein, PathGeometry.reducedMass(path))
                : SigmaSquared.debye(t, Objects.requireNonNull(debye), path));
        console.note("σ² is " + sigma2 + " Å².");
        return new ChiParameters(
                given.s02(),
                given.e0(),
                given.deltar(),
                sigma2,
                given.third(),
                given.fourth(),
                given.ei(),
                given.degeneracy(),
                given.interpolation(),
                given.extrapolatesFirst());
    }

    private KGrid grid(FeffPath path) throws IOException {
        if (grid != null) {
            double[] k = NumberTable.read(Inputs.file(grid)).column(0, "k");
            return Inputs.checked(() -> KGrid.of(k));
        }
        double[] k = path.arrays().k();
        double last = Math.min(k[k.length - 1], kmax == null ? MOST_K : kmax);
        return Inputs.checked(() -> KGrid.of(0, last, kstep == null ? 0.05 : kstep));
    }
}
