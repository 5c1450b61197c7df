package dev.millrace.cli;

import dev.millrace.pcqm.PcqmSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace sample pcqm}: a file in the layout of PCQM4Mv2. */
@Command(
        name = "pcqm",
        description =
                "Write FILE (idx,smiles,homolumogap as PCQM4Mv2's data.csv.gz): synthetic molecules, synthetic gaps.")
final class SamplePcqmCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--count",
            required = true,
            paramLabel = "N",
            description = "Number of molecules; PCQM4Mv2 has 3746620.")
    private long count;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Seed (default 42).")
    private long seed;

    @Option(
            names = "--first-idx",
            defaultValue = "0",
            paramLabel = "I",
            description = "idx of the first molecule (default 0). A molecule depends on seed and idx only.")
    private long firstIdx;

    @Option(
            names = "--unlabelled",
            defaultValue = "0.0",
            paramLabel = "SHARE",
            description = "Share of molecules without a gap (default 0.0).")
    private double unlabelled;

    @Option(
            names = "--hide-test",
            description = "No gap from idx 3452151 on: the data set's own test splits, as in the real file.")
    private boolean hideTest;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "File to write: gzip if its name ends in .gz, else plain.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Override
    public Integer call() throws IOException {
        PcqmSample sample = Inputs.checked(() -> new PcqmSample(count, firstIdx, seed, unlabelled, hideTest));
        Inputs.inFolder(out);
        console.note("These molecules and their gaps are synthetic: they describe no real substance.");
        try (Progress progress = console.progress("sample", count)) {
            sample.write(out, progress::at);
        }
        console.print("Wrote " + count + " synthetic molecules to " + out + ".");
        return ExitCode.DONE.code();
    }
}
