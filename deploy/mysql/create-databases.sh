# Read by the image of MySQL at its first start, with `docker_process_sql` of its entry point at hand.
# Temporal keeps its state beside ours, as a user of its own; `frontrow` may also create the databases of the tests.
docker_process_sql <<SQL
CREATE DATABASE temporal;
CREATE DATABASE temporal_visibility;
CREATE USER 'temporal'@'%' IDENTIFIED BY '${TEMPORAL_DB_PASSWORD}';
GRANT ALL ON temporal.* TO 'temporal'@'%';
GRANT ALL ON \`temporal\\_visibility\`.* TO 'temporal'@'%';
GRANT ALL ON \`frontrow\\_%\`.* TO 'frontrow'@'%';
SQL
