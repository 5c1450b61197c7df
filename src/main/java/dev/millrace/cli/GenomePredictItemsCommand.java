package dev.millrace.cli;

import dev.millrace.genome.PredictionItems;
import dev.millrace.genome.TokenIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace genome predict-items}: whole sequences for a model to predict on. */
@Command(
        name = "predict-items",
        description =
                "Write each sequence of a FASTA file as one item to predict on: tokens, position ids, loss mask, seq_idx.",
        footer = {
            "",
            "For example: millrace genome predict-items --fasta phiX174.fa --out items/",
            "writes items/" + PredictionItems.ITEMS + ", one object a line, and items/" + PredictionItems.MAP + "."
        })
final class GenomePredictItemsCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--fasta", required = true, paramLabel = "F.fa[.gz]", description = "The sequences.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path fasta;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Folder for the two files; made if need be.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Option(names = "--no-bos", description = "No token before the first base, which is then not predicted.")
    private boolean withoutStart;

    @Option(
            names = "--tokenizer",
            paramLabel = "tokenizer.json",
            description = "Token ids (default: those of the original, bytes and five special ones).")
    private @Nullable Path tokenizer;

    @Override
    public Integer call() throws IOException {
        TokenIds ids = tokenizer == null ? TokenIds.BYTES : TokenIds.read(Inputs.file(tokenizer));
        PredictionItems items = new PredictionItems(Inputs.file(fasta), ids, !withoutStart);
        int written;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            written = items.write(out, progress);
        } finally {
            interruption.end();
        }
        console.print("Wrote " + written + " items to " + out + ".");
        return ExitCode.DONE.code();
    }
}
