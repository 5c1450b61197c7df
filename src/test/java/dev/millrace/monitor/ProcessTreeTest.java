package dev.millrace.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "there is no /proc")
class ProcessTreeTest {
    private static final String BURN = "while :; do :; done";
    private static final String BURN_AND_END = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";

    private final List<Process> started = new ArrayList<>();
    private final ProcessTree tree = new ProcessTree(
            new ProcReader(Path.of("/proc")), ProcessHandle.current().pid());

    @TempDir
    Path folder;

    @BeforeEach
    void begin() throws IOException {
        tree.look();
    }

    @AfterEach
    void stop() {
        started.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
        started.forEach(Process::destroyForcibly);
    }

    private Process shell(String script) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", script).start();
        started.add(process);
        return process;
    }

    @Test
    void child_burningBeforeItIsFirstSeen_countsInFull() throws Exception {
        Process child = shell(BURN);
        assertThat(Recorded.until(() -> seconds(child) > 0.3)).isTrue();
        double before = seconds(child);
        assertThat(tree.look().cpuSeconds()).isGreaterThanOrEqualTo(before - 0.02);
        assertThat(tree.processes()).contains(child.pid());
    }

    @Test
    void grandchild_ofAShell_isPartOfTheTree() throws Exception {
        Process child = shell("sh -c '" + BURN + "' & wait");
        assertThat(Recorded.until(() -> child.descendants().anyMatch(found -> seconds(found) > 0.2)))
                .isTrue();
        assertThat(tree.look().cpuSeconds()).isGreaterThanOrEqualTo(0.18);
        assertThat(tree.processes()).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void child_thatWasNeverSeenAlive_isCountedWithItsParent() throws Exception {
        double own =
                ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
        Process child = shell(BURN_AND_END);
        assertThat(child.waitFor()).isZero();
        double used = tree.look().cpuSeconds();
        double ownMeanwhile =
                ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9 - own;
        assertThat(used).as("seconds beyond this process's own").isGreaterThan(ownMeanwhile + 0.05);
    }

    @Test
    void child_thatEndsAfterItWasSeen_isNotCountedTwice() throws Exception {
        Process child = shell("read line; exit 0");
        Process burning = shell(BURN);
        assertThat(Recorded.until(() -> seconds(burning) > 0.5)).isTrue();
        tree.look();
        burning.destroyForcibly().waitFor();
        child.destroyForcibly().waitFor();
        // Half a second was counted above; only what came after it may be counted now.
        assertThat(tree.look().cpuSeconds()).isLessThan(0.45);
        assertThat(tree.processes()).doesNotContain(burning.pid());
    }

    @Test
    void memory_ofAChild_showsUp() throws Exception {
        long before = tree.look().residentBytes();
        Process child = shell("x=$(head -c 60000000 /dev/zero | tr '\\0' x); echo ready; read line");
        assertThat(child.getInputStream().read()).isEqualTo('r');
        assertThat(tree.look().residentBytes()).isGreaterThan(before + 50_000_000);
    }

    @Test
    void recordedTree_withStrangeNamesAndReusedNumbers_isUnderstood() throws IOException {
        Path proc = folder;
        Files.writeString(proc.resolve("uptime"), "1000.00 3900.00\n");
        stat(proc, 100, "java", 1, 500, 100, 0, 1000, 10);
        stat(proc, 101, "a) R 1 (b", 100, 50, 0, 0, 1001, 5);
        stat(proc, 102, "stranger", 1, 9_000, 0, 0, 500, 7);
        ProcessTree recorded = new ProcessTree(new ProcReader(proc), 100);
        assertThat(recorded.look().cpuSeconds()).isZero();
        assertThat(recorded.processes()).containsExactlyInAnyOrder(100L, 101L);

        // 101 ended, and its number is another process's child now.
        stat(proc, 101, "other", 1, 7_000, 0, 0, 200_000, 5);
        stat(proc, 100, "java", 1, 520, 100, 60, 1000, 10);
        assertThat(recorded.look().cpuSeconds()).isEqualTo(0.3);
        assertThat(recorded.processes()).containsExactly(100L);

        // A child and its child, both new, one of them in the list before its parent.
        stat(proc, 99, "leaf", 300, 30, 0, 0, 200_100, 1);
        stat(proc, 300, "branch", 100, 40, 0, 0, 200_090, 1);
        assertThat(recorded.look().cpuSeconds()).isEqualTo(0.7);
        assertThat(recorded.processes()).containsExactlyInAnyOrder(99L, 100L, 300L);

        // Both end within one interval: the grandchild's time comes back through its parent once.
        Files.delete(proc.resolve("99/stat"));
        Files.delete(proc.resolve("99"));
        Files.delete(proc.resolve("300/stat"));
        Files.delete(proc.resolve("300"));
        stat(proc, 100, "java", 1, 520, 100, 60 + 75, 1000, 10);
        assertThat(recorded.look().cpuSeconds()).isEqualTo(0.05);
    }

    private static void stat(
            Path proc, long id, String name, long parent, long user, long system, long waited, long started, long pages)
            throws IOException {
        Files.createDirectories(proc.resolve(Long.toString(id)));
        Files.writeString(
                proc.resolve(id + "/stat"),
                id + " (" + name + ") S " + parent + " 1 1 0 -1 4194304 10 20 0 0 " + user + " " + system + " " + waited
                        + " 0 20 0 1 0 " + started + " 1000000 " + pages + " 18446744073709551615 1 1\n");
    }

    private static double seconds(Process process) {
        return seconds(process.toHandle());
    }

    private static double seconds(ProcessHandle process) {
        return process.info()
                .totalCpuDuration()
                .map(used -> used.toNanos() / 1e9)
                .orElse(0.0);
    }
}
