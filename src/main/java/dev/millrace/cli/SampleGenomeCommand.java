package dev.millrace.cli;

import dev.millrace.genome.GenomeSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace sample genome}: a FASTA file. */
@Command(
        name = "genome",
        description = {
            "Write FILE: synthetic contigs in FASTA, of no organism.",
            "A base depends on the six before it, and repeats are scattered among them.",
            "For example: millrace sample genome --contigs 100 --mean-length 50000 --samples 4 --out genomes.fa.gz"
        })
final class SampleGenomeCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--contigs", required = true, paramLabel = "N", description = "Number of contigs.")
    private long contigs;

    @Option(
            names = "--mean-length",
            defaultValue = "5000",
            paramLabel = "L",
            description = "Bases of a contig on average, spread log-normally (default 5000).")
    private long meanLength;

    @Option(names = "--length", paramLabel = "L", description = "Bases of every contig, instead of --mean-length.")
    private @Nullable Long length;

    @Option(
            names = "--samples",
            defaultValue = "1",
            paramLabel = "N",
            description = "Samples that the contigs are divided among, named in the original's format (default 1).")
    private int samples;

    @Option(
            names = "--n-share",
            defaultValue = "0.01",
            paramLabel = "SHARE",
            description = "Share of bases that are N, in runs (default 0.01).")
    private double unknownShare;

    @Option(
            names = "--lower-share",
            defaultValue = "0.1",
            paramLabel = "SHARE",
            description = "Share of bases in lower case (default 0.1).")
    private double lowerShare;

    @Option(
            names = "--line-width",
            defaultValue = "80",
            paramLabel = "N",
            description = "Bases of a line; 0 for one line a contig (default 80).")
    private int lineWidth;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Seed (default 42).")
    private long seed;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "File to write: gzip if its name ends in .gz, else plain.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Override
    public Integer call() throws IOException {
        GenomeSample sample = Inputs.checked(() -> new GenomeSample(
                contigs,
                length == null ? meanLength : length,
                length != null,
                samples,
                unknownShare,
                lowerShare,
                lineWidth,
                seed));
        Inputs.inFolder(out);
        console.note("These sequences are synthetic: they are of no organism.");
        long bases;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            bases = sample.write(out, progress);
        } finally {
            interruption.end();
        }
        console.print(String.format(
                Locale.ROOT,
                "Wrote %,d synthetic contigs, %,d bases, of %,d samples to %s.",
                contigs,
                bases,
                samples,
                out));
        return ExitCode.DONE.code();
    }
}
