package dev.millrace.cli;

import dev.millrace.graph.Graph;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace features}: molecules to graphs as JSON lines. */
@Command(
        name = "features",
        description = "Compute the features of molecules: one JSON object per input, in input order."
                + " An input that is no molecule gives an object with 'error'.")
final class FeaturesCommand implements Callable<Integer> {
    private static final int CHUNK = 512;

    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--spec",
            required = true,
            paramLabel = "SPEC",
            description = "Molecule features: bitspec-48-6 or ogb-9-3.")
    private String spec = "";

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Source source;

    @Option(names = "--out", required = true, paramLabel = "O.jsonl[.gz]", description = "Where to write.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    private record Line(String json, boolean isError) {}

    /** Where the molecules are; files ending in .gz are unpacked on the way. */
    static final class Source {
        @Option(
                names = "--smiles",
                required = true,
                paramLabel = "F",
                description = "A SMILES per line, a name may follow it.")
        private @Nullable Path smiles;

        @Option(
                names = "--mol-dir",
                required = true,
                paramLabel = "DIR",
                description = "A folder of MOL files, taken in the order of their numbers.")
        private @Nullable Path molFolder;

        @Option(names = "--sdf", required = true, paramLabel = "F", description = "An SD file.")
        private @Nullable Path sdf;
    }

    @Override
    public Integer call() throws IOException {
        FeatureSpec features = Inputs.checked(() -> FeatureSpec.named(spec));
        Path partial = Inputs.inFolder(out).resolveSibling(out.getFileName() + ".partial");
        long[] counts = new long[2];
        try (MoleculeTexts texts = open();
                BufferedWriter writer = writer(partial);
                Progress progress = console.progress("features", -1)) {
            while (texts.hasNext()) {
                for (Line line : lines(texts, features)) {
                    counts[line.isError() ? 1 : 0]++;
                    writer.write(line.json());
                    writer.write('\n');
                }
                progress.at(counts[0] + counts[1]);
            }
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(partial);
            throw e;
        }
        Files.move(partial, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        console.note(out + ": " + counts[0] + " molecules, " + counts[1] + " errors");
        return ExitCode.DONE.code();
    }

    private MoleculeTexts open() throws IOException {
        if (source.smiles != null) {
            return MoleculeTexts.smiles(Inputs.file(source.smiles));
        }
        return source.sdf != null
                ? MoleculeTexts.sdf(Inputs.file(source.sdf))
                : MoleculeTexts.molFolder(Inputs.folder(java.util.Objects.requireNonNull(source.molFolder)));
    }

    private BufferedWriter writer(Path partial) throws IOException {
        OutputStream stream = Files.newOutputStream(partial);
        boolean pack = String.valueOf(out.getFileName()).endsWith(".gz");
        return new BufferedWriter(
                new OutputStreamWriter(pack ? new GZIPOutputStream(stream, 1 << 16) : stream, StandardCharsets.UTF_8),
                1 << 16);
    }

    /** The next inputs as JSON, computed on all processors, in their order. */
    private static List<Line> lines(Iterator<MoleculeTexts.Text> texts, FeatureSpec features) {
        List<MoleculeTexts.Text> chunk = new ArrayList<>(CHUNK);
        while (chunk.size() < CHUNK && texts.hasNext()) {
            chunk.add(texts.next());
        }
        return chunk.parallelStream().map(text -> line(text, features)).toList();
    }

    private static Line line(MoleculeTexts.Text text, FeatureSpec features) {
        try {
            Graph graph = features.featurize(
                    text.isSmiles()
                            ? MoleculeReader.smiles(text.text())
                            : MoleculeReader.mol(text.text(), features.keepsHydrogens()));
            return new Line(GraphJson.of(text.id(), graph), false);
        } catch (MoleculeFormatException e) {
            return new Line(GraphJson.error(text.id(), String.valueOf(e.getMessage())), true);
        }
    }
}
