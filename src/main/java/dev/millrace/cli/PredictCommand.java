package dev.millrace.cli;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.millrace.build.PublishedFile;
import dev.millrace.model.MoleculeInput;
import dev.millrace.molecule.Molecule;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import dev.millrace.training.Checkpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace predict}: spectra or properties of molecules, χ(k) of scattering paths, or rows of tables, by a trained model. */
@Command(
        name = "predict",
        description =
                "Predict with a trained model: mass spectra, written as MSP, properties such as the HOMO-LUMO gap in"
                        + " eV, written as CSV, TSV or JSON, χ(k) of a scattering path, written as CSV, or labels of your own"
                        + " tables, written as CSV or JSON.")
final class PredictCommand implements Callable<Integer> {
    private static final int BATCH = 128;

    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "A run folder (its best checkpoint is taken) or a checkpoint.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path modelFolder;

    @ArgGroup(multiplicity = "0..1")
    private Source source = new Source();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description =
                    "Where to write: P.msp for a model of spectra; P.csv, P.tsv or P.json for one of properties; P.csv or"
                            + " P.json for one of a table.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Option(names = "--top-n", defaultValue = "20", description = "Most peaks per spectrum (default 20).")
    private int topN;

    @Option(
            names = "--threshold",
            defaultValue = "0.05",
            description = "Leave out peaks below this share of the largest (default 0.05).")
    private double threshold;

    /** What to predict for. */
    static final class Source {
        @Option(names = "--smiles", required = true, paramLabel = "S", description = "A SMILES.")
        private @Nullable String smiles;

        @Option(names = "--mol", required = true, paramLabel = "F", description = "A MOL file.")
        private @Nullable Path mol;

        @Option(
                names = "--batch",
                required = true,
                paramLabel = "F",
                description = "A file with a SMILES per line, a name may follow it. Lines that are none are skipped"
                        + " with a warning.")
        private @Nullable Path batch;

        @Option(
                names = "--feff",
                required = true,
                paramLabel = "F",
                description =
                        "A feffNNNN.dat, for a model of χ(k): only its atoms, degeneracy and half length are read.")
        private @Nullable Path feff;

        @Option(
                names = "--query",
                required = true,
                paramLabel = "F",
                description = "A query definition, for a model of a table: predicts for the rows of its ids.")
        private @Nullable Path query;

        @ArgGroup(exclusive = false)
        private @Nullable Stored stored;

        /** What there is beside a model of molecules, χ(k) or tables: for messages. */
        @Nullable
        String option() {
            return smiles != null
                    ? "--smiles"
                    : mol != null ? "--mol" : batch != null ? "--batch" : feff != null ? "--feff" : null;
        }

        Path[] inputs() {
            Path file = mol != null ? mol : batch != null ? batch : feff != null ? feff : query;
            if (file == null && stored != null) {
                file = stored.database;
            }
            return file == null ? new Path[0] : new Path[] {file};
        }
    }

    /** A path of an EXAFS database, or rows of a user's own. */
    static final class Stored {
        @Option(
                names = "--database",
                paramLabel = "D.db",
                description =
                        "An EXAFS database; χ(k) that it has is written beside. For a model of a table, a database"
                                + " with the tables that it was trained on (default: that one).")
        private @Nullable Path database;

        @Option(names = "--path-id", paramLabel = "ID", description = "Which of the paths of an EXAFS database.")
        private @Nullable Long pathId;

        @Option(
                names = "--ids",
                paramLabel = "SQL",
                description = "For a model of a table: the query for the ids of the rows to predict for (default: the"
                        + " validation rows).")
        private @Nullable String ids;
    }

    /** Not one line of the input is a molecule. */
    static final class NothingReadableException extends RuntimeException {
        NothingReadableException(String message) {
            super(message);
        }
    }

    @Override
    public Integer call() throws IOException, MoleculeFormatException {
        Inputs.range("--top-n", topN, 1, 100_000);
        Inputs.folder(modelFolder);
        Inputs.output(out, source.inputs());
        Inputs.engine();
        if (!(threshold >= 0 && threshold <= 1)) {
            throw new UsageException("--threshold: expected a share 0..1, found " + threshold + ".");
        }
        Checkpoint checkpoint = Checkpoint.best(modelFolder);
        TableModelFile table = TableModelFile.of(checkpoint);
        if (table != null) {
            return predictTable(checkpoint, table);
        }
        requireNoRows();
        if (source.feff != null || source.stored != null) {
            return predictChi(checkpoint);
        }
        ModelFile file = ModelFile.of(checkpoint);
        PredictionFormat format = PredictionFormat.of(file, checkpoint.folder(), out, topN, threshold);
        MoleculeInput input = MoleculeInput.named(file.featureSpec());
        List<MoleculeQuery> queries = queries(input);
        Path partial = out.resolveSibling(out.getFileName() + ".partial");
        try (Model model = checkpoint.loadModel(file.newBlock(), Device.cpu());
                PredictionFormat.Sink sink = format.open(partial);
                Progress progress = console.progress("predict", queries.size())) {
            for (int at = 0; at < queries.size(); at += BATCH) {
                List<MoleculeQuery> part = queries.subList(at, Math.min(at + BATCH, queries.size()));
                List<float[]> predicted = predict(model, input, part);
                for (int i = 0; i < part.size(); i++) {
                    sink.write(part.get(i), predicted.get(i));
                }
                progress.at(at + part.size());
            }
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(partial);
            throw e;
        }
        Files.move(partial, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        console.note(out + ": " + format.what(queries.size()));
        return ExitCode.DONE.code();
    }

    private int predictTable(Checkpoint checkpoint, TableModelFile file) throws IOException {
        String other = source.option();
        if (source.stored != null && source.stored.pathId != null) {
            other = "--path-id";
        }
        if (other != null) {
            throw new UsageException(
                    other + ": expected --ids, --query, or neither for the validation rows, as the model is"
                            + " one of a table (" + checkpoint.folder() + ").");
        }
        TablePrediction prediction = source.query != null
                ? TablePrediction.ofFile(checkpoint, file, source.query, out)
                : TablePrediction.ofIds(
                        checkpoint,
                        file,
                        source.stored == null ? null : source.stored.database,
                        source.stored == null ? null : source.stored.ids,
                        out);
        console.note(out + ": predicted for " + prediction.write(out, console) + " rows");
        return ExitCode.DONE.code();
    }

    /** Of models of molecules and of χ(k), which need to be told what to predict for. */
    private void requireNoRows() {
        Stored stored = source.stored;
        if (source.query != null || (stored != null && stored.ids != null)) {
            throw new UsageException((source.query != null ? "--query" : "--ids")
                    + ": expected a model of a table, found another one in " + modelFolder
                    + ". Train one with configs/own-tabular.yaml.");
        }
        if (source.option() == null && (stored == null || stored.database == null || stored.pathId == null)) {
            throw new UsageException(
                    "Expected what to predict for: --smiles, --mol, --batch, --feff, or --database with --path-id.");
        }
    }

    private int predictChi(Checkpoint checkpoint) throws IOException {
        ExafsModelFile file = ExafsModelFile.of(checkpoint);
        ChiPrediction chi = source.stored != null
                ? ChiPrediction.ofRow(
                        checkpoint,
                        file,
                        Objects.requireNonNull(source.stored.database),
                        Objects.requireNonNull(source.stored.pathId))
                : ChiPrediction.ofFile(checkpoint, file, Objects.requireNonNull(source.feff));
        if (!chi.unknownAtoms().isEmpty()) {
            console.warn("The prediction means nothing: expected atoms of the atomic numbers "
                    + file.input().atomicNumbers() + " that the model was trained on, found "
                    + chi.unknownAtoms() + ", too.");
        }
        PublishedFile.write(out, writer -> writer.write(chi.csv()));
        console.note(out + ": predicted χ(k) at " + chi.grid());
        return ExitCode.DONE.code();
    }

    private List<MoleculeQuery> queries(MoleculeInput input) throws IOException, MoleculeFormatException {
        List<MoleculeQuery> queries = new ArrayList<>();
        if (source.smiles != null) {
            queries.add(ofSmiles(source.smiles, null, input));
        } else if (source.mol != null) {
            String block = Files.readString(Inputs.file(source.mol), StandardCharsets.ISO_8859_1);
            Molecule molecule = MoleculeReader.mol(block, input.spec().keepsHydrogens());
            String title = molecule.title().strip();
            String name = title.isEmpty() ? String.valueOf(source.mol.getFileName()) : title;
            queries.add(new MoleculeQuery(name, null, input.spec().featurize(molecule)));
        } else if (source.batch != null) {
            int line = 0;
            for (String text : lines(Inputs.file(source.batch))) {
                line++;
                String[] parts = text.strip().split("\\s+", 2);
                try {
                    if (!parts[0].isEmpty()) {
                        queries.add(ofSmiles(parts[0], parts.length == 2 ? parts[1] : null, input));
                    }
                } catch (MoleculeFormatException e) {
                    console.warn(source.batch + ", line " + line + ": " + e.getMessage());
                }
            }
            if (queries.isEmpty()) {
                throw new NothingReadableException(
                        "Nothing to predict: expected a SMILES per line, found none that can be read among " + line
                                + " lines of " + source.batch + ".");
            }
        }
        return queries;
    }

    /** The lines of a text; what is no UTF-8 becomes a replacement character, which is in no SMILES. */
    private static List<String> lines(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private static MoleculeQuery ofSmiles(String smiles, @Nullable String name, MoleculeInput input)
            throws MoleculeFormatException {
        return new MoleculeQuery(
                name == null ? smiles : name, smiles, input.spec().featurize(MoleculeReader.smiles(smiles)));
    }

    /** One row of the output per query. */
    private static List<float[]> predict(Model model, MoleculeInput input, List<MoleculeQuery> queries) {
        Block block = model.getBlock();
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList arrays = input.arrays(
                    manager, queries.stream().map(MoleculeQuery::graph).toList());
            NDArray output = block.forward(new ParameterStore(manager, false), arrays, false)
                    .head();
            int width = Math.toIntExact(output.getShape().get(1));
            float[] values = output.toFloatArray();
            List<float[]> rows = new ArrayList<>();
            for (int row = 0; row < queries.size(); row++) {
                rows.add(Arrays.copyOfRange(values, row * width, (row + 1) * width));
            }
            return rows;
        }
    }
}
