create table t(a integer primary key, b text);
begin;
insert into t(b) with recursive c(x) as
	(select 1 union all select x + 1 from c where x < 3000)
	select hex(x * x) from c;
commit;
create index i on t(b);
delete from t where a % 3 = 0;
update t set b = b || 'x' where a % 5 = 0;
vacuum;
