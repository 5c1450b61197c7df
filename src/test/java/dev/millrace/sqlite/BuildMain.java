package dev.millrace.sqlite;

import java.nio.file.Path;

/** Builds the sample file again and again, or holds a build open, until it is killed. */
final class BuildMain {
    private BuildMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path target = Path.of(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        if (arguments.length > 2) {
            try (DatabaseBuild build = DatabaseBuild.begin(target, SampleFile.SCHEMA)) {
                SampleFile.fill(build, count);
                System.out.println("filled");
                Thread.sleep(60_000);
            }
            return;
        }
        System.out.println("started");
        for (int round = 0; ; round++) {
            SampleFile.write(target, count + round % 7);
            System.out.println("built");
        }
    }
}
