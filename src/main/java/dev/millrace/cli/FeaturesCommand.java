package dev.millrace.cli;

import dev.millrace.molecule.FeatureFile;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.MoleculeSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
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

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: as many as processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

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

        /** The file that is read; with a folder, none that a user would also name as output. */
        Path[] inputs() {
            Path file = smiles != null ? smiles : sdf;
            return file == null ? new Path[0] : new Path[] {file};
        }

        MoleculeSource toSource() {
            if (smiles != null) {
                return new MoleculeSource.SmilesFile(Inputs.file(smiles));
            }
            return sdf != null
                    ? new MoleculeSource.SdfFile(Inputs.file(sdf))
                    : new MoleculeSource.MolFolder(Inputs.folder(Objects.requireNonNull(molFolder)));
        }
    }

    @Override
    public Integer call() throws IOException {
        FeatureSpec features = Inputs.checked(() -> FeatureSpec.named(spec));
        Inputs.range("--threads", threads, 1, 1024);
        FeatureFile.Counts counts =
                FeatureFile.write(features, source.toSource(), Inputs.output(out, source.inputs()), threads);
        console.note(out + ": " + (counts.inputs() - counts.refused()) + " molecules, " + counts.refused() + " errors");
        return ExitCode.DONE.code();
    }
}
