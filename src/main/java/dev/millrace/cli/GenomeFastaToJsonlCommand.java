package dev.millrace.cli;

import dev.millrace.genome.FastaJsonl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace genome fasta-to-jsonl}: one object per record. */
@Command(
        name = "fasta-to-jsonl",
        description = {
            "Write each record of a FASTA file, plain or gzip, as a line {\"id\": …, \"prompt\": …}.",
            "For example: millrace genome fasta-to-jsonl phiX174.fa prompts.jsonl --upper"
        })
final class GenomeFastaToJsonlCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(index = "0", paramLabel = "IN", description = "FASTA file.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path in;

    @Parameters(index = "1", paramLabel = "OUT", description = "File to write; gzip if its name ends in .gz.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Option(names = "--upper", description = "Write the bases in upper case.")
    private boolean upper;

    @Override
    public Integer call() throws IOException {
        Inputs.output(out, Inputs.file(in));
        long records;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            records = FastaJsonl.write(in, out, upper, progress);
        } finally {
            interruption.end();
        }
        console.print("Wrote " + records + " records to " + out + ".");
        return ExitCode.DONE.code();
    }
}
