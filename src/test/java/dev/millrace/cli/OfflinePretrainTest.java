package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.Model;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.Series;
import dev.millrace.pcqm.GapMolecules;
import dev.millrace.training.Checkpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three epochs of pretraining in a process of its own: no network, a loss that falls, and the same bits after a kill.
 *
 * <p>What Java does with sockets its flight recorder writes down, event by event; what native code does shows as an open file
 * of the process, looked for every few milliseconds. A test of the test sends a byte and must be seen by both.
 */
class OfflinePretrainTest {
    private static final int MOLECULES = 1200;
    private static final List<String> NETWORK = List.of("tcp", "tcp6", "udp", "udp6", "raw", "raw6");
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    @TempDir
    static Path folder;

    private static Path molecules;

    private static Path whole;
    private static Path record;
    private static Set<String> sockets;

    @BeforeAll
    static void pretrain() throws Exception {
        molecules = GapMolecules.write(folder.resolve("molecules.db"), MOLECULES, "ogb-9-3", "homo_lumo_gap");
        whole = folder.resolve("whole");
        record = folder.resolve("whole.jfr");
        Process child = train(record, whole);
        sockets = watch(child);
        assertThat(child.exitValue()).as(output(whole)).isZero();
    }

    @Test
    void pretrain_threeEpochs_opensNoSocketAndLosesLoss() throws Exception {
        assertThat(sockets).isEmpty();
        assertThat(socketEvents(record)).isEmpty();
        assertThat(Checkpoint.last(whole).epoch()).isEqualTo(3);
        try (MetricsReader metrics = MetricsReader.open(whole.resolve("metrics.db"))) {
            RunInfo only = metrics.runs().get(0);
            Series loss = metrics.series(only.id(), "loss");
            double[] values = loss.values();
            int tenth = values.length / 10;
            assertThat(mean(values, values.length - tenth, values.length)).isLessThan(0.5 * mean(values, 0, tenth));
            List<Double> errors = metrics.epochMetrics(only.id()).stream()
                    .filter(point -> point.metric().name().equals("mae"))
                    .map(point -> point.metric().value())
                    .toList();
            assertThat(errors).hasSize(3);
            assertThat(errors.get(2)).isLessThan(errors.get(0));
        }
    }

    @Test
    void watch_processThatSendsAByte_isSeenByBothWays() throws Exception {
        assumeTrue(Files.isDirectory(OPEN_FILES), "skipped: open files of a process are looked up on Linux only");
        Path online = folder.resolve("online.jfr");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process child = start(online, server.getLocalPort(), folder.resolve("online"), List.of("--version"));
            Set<String> seen = new TreeSet<>();
            try (Socket peer = server.accept()) {
                assertThat(peer.getInputStream().read()).isEqualTo(1);
                seen.addAll(socketsOf(child));
                peer.getOutputStream().write(1);
            }
            seen.addAll(watch(child));

            assertThat(child.exitValue()).as(output(folder.resolve("online"))).isZero();
            assertThat(seen).isNotEmpty();
            assertThat(socketEvents(online)).contains("jdk.SocketRead", "jdk.SocketWrite");
        }
    }

    @Test
    void pretrain_killedInTheMiddleAndResumed_equalsUntouchedBitByBit() throws Exception {
        Path killed = folder.resolve("killed");
        Process first = train(folder.resolve("killed.jfr"), killed);
        while (first.isAlive() && !Files.exists(killed.resolve("best"))) {
            Thread.sleep(2);
        }
        first.destroyForcibly().waitFor();
        long cut = Checkpoint.last(killed).step();
        assertThat(cut).isPositive().isLessThan(Checkpoint.last(whole).step());
        Process second = train(folder.resolve("resumed.jfr"), killed, "--resume", killed.toString());
        assertThat(second.waitFor()).as(output(killed)).isZero();

        assertThat(Checkpoint.last(killed).step())
                .isEqualTo(Checkpoint.last(whole).step());
        assertThat(bits(killed)).isEqualTo(bits(whole));
    }

    private static Process train(Path record, Path run, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "train",
                "configs/smoke-pretrain.yaml",
                "-q",
                "--set",
                "pretraining.sqlite_db_path=" + molecules,
                "--set",
                "pretraining.num_epochs=3",
                "--set",
                "pretraining.checkpoint_steps=7"));
        command.addAll(more.length > 0 ? List.of(more) : List.of("--out", run.toString()));
        return start(record, 0, run, command);
    }

    private static Process start(Path record, int port, Path run, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                // Most of a short run is its start.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dai.djl.pytorch.num_threads=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                PretrainChild.class.getName(),
                record.toString(),
                Integer.toString(port),
                outputFile(run).toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static Path outputFile(Path run) {
        return run.resolveSibling(run.getFileName() + ".txt");
    }

    private static String output(Path run) throws IOException {
        return Files.exists(outputFile(run)) ? Files.readString(outputFile(run)) : "no output";
    }

    /** The sockets that a process has open at any of the many moments it is looked at, to its end. */
    private static Set<String> watch(Process process) throws InterruptedException {
        Set<String> sockets = new TreeSet<>();
        while (process.isAlive()) {
            sockets.addAll(socketsOf(process));
            Thread.sleep(3);
        }
        return sockets;
    }

    /**
     * Sockets that are bound or connected. A JVM makes one at start that is neither, to learn whether there is IPv6: it is an
     * open file, but in no table of the network.
     */
    private static Set<String> socketsOf(Process process) {
        Set<String> sockets = new TreeSet<>();
        Path folder = Path.of("/proc", Long.toString(process.pid()));
        Set<String> open = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder.resolve("fd"))) {
            for (Path file : files.toList()) {
                String target = target(file);
                if (target.startsWith("socket:[")) {
                    open.add(target.substring("socket:[".length(), target.length() - 1));
                }
            }
            for (String table : open.isEmpty() ? List.<String>of() : NETWORK) {
                for (String line : Files.readAllLines(folder.resolve("net").resolve(table))) {
                    if (!Collections.disjoint(open, List.of(line.strip().split(" +")))) {
                        sockets.add(table + " " + line.strip());
                    }
                }
            }
        } catch (IOException e) {
            // It has ended, or this is no Linux.
            return sockets;
        }
        return sockets;
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            // Closed meanwhile.
            return "";
        }
    }

    private static List<String> socketEvents(Path record) throws IOException {
        return RecordingFile.readAllEvents(record).stream()
                .map(event -> event.getEventType().getName())
                .filter(PretrainChild.EVENTS::contains)
                .toList();
    }

    private static Map<String, ByteBuffer> bits(Path run) {
        Checkpoint checkpoint = Checkpoint.last(run);
        Map<String, ByteBuffer> bits = new TreeMap<>();
        try (Model model = checkpoint.loadModel(ModelFile.of(checkpoint).newBlock(), Device.cpu())) {
            for (var entry : model.getBlock().getParameters()) {
                bits.put(
                        entry.getKey(),
                        ByteBuffer.wrap(entry.getValue().getArray().toByteArray()));
            }
        }
        return bits;
    }

    private static double mean(double[] values, int from, int to) {
        return Arrays.stream(values, from, to).average().orElseThrow();
    }
}
