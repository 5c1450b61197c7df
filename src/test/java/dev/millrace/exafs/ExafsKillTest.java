package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build in another JVM is killed with SIGKILL again and again, and goes on each time. */
class ExafsKillTest {
    private static final int ATOMS = 5;
    private static final int PATHS = 60;

    @TempDir
    Path folder;

    @Test
    void build_afterKillsAtAnyMoment_endsInTheRowsOfAnUninterruptedBuild() throws Exception {
        first(3, 61);
        incremental(3, 62);
    }

    @Test
    @Tag("campaign")
    void build_afterHundredsOfKills_endsInTheRowsOfAnUninterruptedBuild() throws Exception {
        first(75, 63);
        incremental(75, 64);
    }

    private void first(int kills, long seed) throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree" + seed), 8, ATOMS, PATHS);
        Path whole = folder.resolve("whole" + seed + ".db");
        ExafsTree.builder(tree, whole).build();
        Path target = folder.resolve("first.db");
        Random random = new Random(seed);
        for (int i = 0; i < kills; i++) {
            run(tree, target, random);
            if (Files.exists(target)) {
                assertThat(ExafsTree.digests(target)).as("kill %d", i).isEqualTo(ExafsTree.digests(whole));
                Files.delete(target);
            }
        }
        finish(tree, target, ExafsTree.digests(whole));
        Files.delete(target);
    }

    private void incremental(int kills, long seed) throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree" + seed), 8, ATOMS, PATHS);
        Path later = folder.resolve("later");
        Path target = folder.resolve("incremental.db");
        Files.move(tree.resolve("working_0/frame_7"), later);
        ExafsTree.builder(tree, target).build();
        Path old = Files.copy(target, folder.resolve("old.db"));
        Files.move(later, tree.resolve("working_0/frame_7"));
        // One file of another path, one bad one, and a frame more.
        Path atom = tree.resolve("working_0/frame_3/atom_1");
        ExafsTree.file(atom, "feff0007.dat", Files.readString(atom.resolve("feff0009.dat")));
        ExafsTree.file(atom, "feff0011.dat", "no path");
        Path whole = Files.copy(old, folder.resolve("whole" + seed + ".db"));
        ExafsTree.builder(tree, whole).build();
        List<String> before = ExafsTree.digests(old);
        List<String> after = ExafsTree.digests(whole);
        assertThat(after).isNotEqualTo(before);
        Random random = new Random(seed);
        for (int i = 0; i < kills; i++) {
            run(tree, target, random);
            List<String> now = ExafsTree.digests(target);
            assertThat(now).as("kill %d: the old file or the new one", i).isIn(before, after);
            if (now.equals(after)) {
                Files.copy(old, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
        finish(tree, target, after);
    }

    private void finish(Path tree, Path target, List<String> expected) throws IOException {
        ExafsBuildReport last = ExafsTree.builder(tree, target).build();
        assertThat(ExafsTree.digests(target)).isEqualTo(expected);
        assertThat(last.files()).isEqualTo(8L * ATOMS * PATHS);
        assertThat(ExafsVerification.verify(target, BuildProgress.NONE).faults())
                .isEmpty();
        assertThat(ExafsTree.builder(tree, target).build().upToDate()).isTrue();
        assertThat(ExafsTree.names(folder)).noneMatch(name -> name.contains(".partial"));
    }

    /** Builds in a child and kills it soon. */
    private void run(Path tree, Path target, Random random) throws Exception {
        try (ChildJvm child = ChildJvm.start(folder, Child.class, tree.toString(), target.toString())) {
            assertThat(child.awaitLine("begun")).isTrue();
            int phases = random.nextInt(4);
            // Some during the scan or the copy, most while rows are written, some while it finishes.
            String line = phases == 0 ? "begun" : child.readLine();
            for (int i = random.nextInt(40); phases > 1 && i > 0 && line != null; i--) {
                line = child.readLine();
            }
            Thread.sleep(random.nextInt(phases == 0 ? 600 : 60));
            child.kill();
        }
    }

    /** The build that is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println("begun");
            ExafsTree.builder(Path.of(arguments[0]), Path.of(arguments[1]))
                    .optSavePaths(64)
                    .optProgress(state -> System.out.println(state.phase() + " " + state.done()))
                    .build();
        }
    }
}
