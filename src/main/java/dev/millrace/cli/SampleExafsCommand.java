package dev.millrace.cli;

import dev.millrace.exafs.ExafsSample;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace sample exafs}: a tree of FEFF path files. */
@Command(
        name = "exafs",
        description = {
            "Write DIR: a synthetic tree working_W/frame_F/atom_A/feffNNNN.dat. FEFF calculated nothing of it.",
            "Uranium dioxide with atoms that tremble; amplitudes and phases are smooth functions of k and geometry.",
            "For example: millrace sample exafs --frames 20 --atoms 10 --paths 50 --out feff_tree"
        })
final class SampleExafsCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--frames", defaultValue = "4", paramLabel = "N", description = "Frames (default 4).")
    private int frames;

    @Option(
            names = "--atoms",
            defaultValue = "4",
            paramLabel = "N",
            description = "Absorbing atoms of each frame (default 4).")
    private int atoms;

    @Option(
            names = "--paths",
            defaultValue = "100",
            paramLabel = "N",
            description = "Path files of each atom, the shortest paths first (default 100, at most 20000).")
    private int paths;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Seed (default 42).")
    private long seed;

    @Option(
            names = "--num-workers",
            paramLabel = "N",
            description = "Threads that write (default all processors). Does not change what is written.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write, new or empty.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Override
    public Integer call() throws IOException {
        ExafsSample sample = Inputs.checked(() -> new ExafsSample(frames, atoms, paths, seed));
        Inputs.range("--num-workers", threads, 1, 1024);
        if (Files.exists(out)) {
            Inputs.folder(out);
        }
        console.note("These files are synthetic: FEFF calculated nothing of them.");
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            sample.write(out, threads, progress);
        } catch (DirectoryNotEmptyException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        } finally {
            interruption.end();
        }
        console.print(String.format(
                Locale.ROOT,
                "Wrote %,d synthetic path files of %,d frames with %,d atoms each to %s.",
                sample.fileCount(),
                frames,
                atoms,
                out));
        return ExitCode.DONE.code();
    }
}
